// ClientStore
