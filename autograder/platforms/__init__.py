"""What each platform wants to be told, and how it starts us."""
