// NodeSequencer
