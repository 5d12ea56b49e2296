-- The runtime's own: the field of the form that the file came in, where its endpoint names them. Null: not known, or any.
ALTER TABLE sluice_files ADD field text;
