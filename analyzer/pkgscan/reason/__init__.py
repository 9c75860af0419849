"""Pure thinking that rules, conclusions and link share: no file, no clock, no report."""
