// NodeAPI
