"""Free slots of the clinic's agendas: computed from what is kept, with every call."""
