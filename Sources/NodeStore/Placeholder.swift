// NodeStore
