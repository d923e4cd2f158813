"""Who a text says says what: quotations, the words that attribute, and the phrases around them."""
