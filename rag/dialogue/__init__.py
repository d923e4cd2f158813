"""Questions in a conversation: how they are built, what they refer to, what they leave out."""
