// NodeClient
