"""One plugin of each other kind: functions, a house rule, a format of facts, a layout; plugins like anyone else's."""
