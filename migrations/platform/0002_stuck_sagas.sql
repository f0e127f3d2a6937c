-- The gauge of stuck sagas looks every few seconds: it must not read every saga that ever was.
CREATE INDEX saga_stuck ON saga (kind) WHERE status = 'stuck';
