// NodeServer
