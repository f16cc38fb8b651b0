"""The figures and tables of the book, each a function from the findings of a study to what is shown of it."""
