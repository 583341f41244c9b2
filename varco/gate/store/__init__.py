"""The only SQL of the gate, one store an engine."""
