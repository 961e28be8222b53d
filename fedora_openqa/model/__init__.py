"""Facts: frozen dataclasses and enumerations that all other rooms use; standard library only."""
