"""What a table is: the identity of its content. Heavy libraries are used only when the table's own is loaded."""
