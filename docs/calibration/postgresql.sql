-- Measures how fast this server scans, rewrites, indexes, checks foreign keys and updates, and prints it as the
-- calibration file of a target profile. Run it on staging, on the hardware that production has, as a role that may
-- create schemas:
--
--     psql -AtqX -v ON_ERROR_STOP=1 -f postgresql.sql >calibration.toml
--
-- It works in a schema of its own inside one transaction that is rolled back, so it leaves nothing behind. It needs
-- about 300 MB of disk and takes a minute at most on slow disks. Rows are inserted at two sizes, and each piece of work
-- is measured three times: the rates are those at the larger size and those of the growth between both, least and most.
BEGIN;
CREATE SCHEMA pkgscan_calibration;
SET LOCAL search_path = pkgscan_calibration;
SET LOCAL client_min_messages = error;
CREATE TABLE measured (work text, round int, amount float8, seconds float8);

CREATE FUNCTION measure(work text, round int, amount float8, statement text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  begun timestamptz := clock_timestamp();
BEGIN
  EXECUTE statement;
  INSERT INTO measured VALUES (work, round, amount, extract(epoch FROM clock_timestamp() - begun));
END $$;

DO $$
DECLARE
  size int;
  bytes float8;
BEGIN
  FOR round IN 1..3 LOOP
    FOREACH size IN ARRAY ARRAY[50000, 200000] LOOP
      CREATE TABLE other (id int PRIMARY KEY);
      CREATE TABLE c (id int, n int NOT NULL, word text, moment timestamptz, price numeric(12,2), other int);
      INSERT INTO other SELECT g FROM generate_series(1, size) g;
      INSERT INTO c SELECT g, (random() * 1e9)::int, md5(g::text), now() - g * interval '1 minute', g / 7.0,
        (random() * (size - 1))::int + 1 FROM generate_series(1, size) g;
      ALTER TABLE c ADD PRIMARY KEY (id);
      ANALYZE c;
      ANALYZE other;
      bytes := pg_relation_size('c');
      PERFORM measure('scan', round, bytes, 'ALTER TABLE c ADD CONSTRAINT positive CHECK (n > -1)');
      PERFORM measure('scan', round, bytes, 'ALTER TABLE c ALTER COLUMN moment SET NOT NULL');
      bytes := pg_total_relation_size('c');
      PERFORM measure('rewrite', round, bytes, 'ALTER TABLE c ALTER COLUMN n TYPE bigint');
      PERFORM measure('check_key', round, size, 'ALTER TABLE c ADD FOREIGN KEY (other) REFERENCES other (id)');
      PERFORM measure('index', round, size, 'CREATE INDEX c_n ON c (n)');
      PERFORM measure('index', round, size, 'CREATE INDEX c_moment ON c (moment)');
      PERFORM measure('index', round, size, 'CREATE INDEX c_id ON c (id)');
      DROP INDEX c_id;
      bytes := pg_total_relation_size('c');
      PERFORM measure('rewrite_indexed', round, bytes, 'ALTER TABLE c ALTER COLUMN n TYPE int');
      PERFORM measure('index', round, size, 'CREATE INDEX c_word ON c (word)');
      bytes := pg_total_relation_size('c');
      PERFORM measure('rewrite_indexed', round, bytes, 'ALTER TABLE c ALTER COLUMN n TYPE bigint');
      PERFORM measure('update', round, size, 'UPDATE c SET price = price + 1');
      DROP INDEX c_n, c_moment, c_word;
      PERFORM measure('update', round, size, 'UPDATE c SET price = price + 1');
      DROP TABLE c, other;
    END LOOP;
  END LOOP;
END $$;

-- Pieces of one sort of work in one round are told apart by their order.
WITH pieces AS (
  SELECT work, round, amount, seconds,
    row_number() OVER (PARTITION BY work, round, size ORDER BY at) AS piece, size
  FROM (SELECT *, ctid AS at, ntile(2) OVER (PARTITION BY work, round ORDER BY ctid) AS size FROM measured) m
), pairs AS (
  SELECT work, l.amount / l.seconds AS plain, (l.amount - s.amount) / (l.seconds - s.seconds) AS growth
  FROM pieces l JOIN pieces s USING (work, round, piece) WHERE l.size = 2 AND s.size = 1 AND l.seconds > 1.5 * s.seconds
), rates AS (
  SELECT work, least(min(plain), min(growth)) AS low, greatest(max(plain), max(growth)) AS high FROM pairs GROUP BY work
)
SELECT line FROM (
  SELECT 1, 'calibration = 1' UNION ALL SELECT 2, 'engine = "postgresql"'
  UNION ALL SELECT 3, format('version = "%s"', current_setting('server_version_num')::int / 10000)
  UNION ALL SELECT 4, format('%s = [%s, %s]', work, round(low), round(high)) FROM rates
) AS lines (place, line) ORDER BY place, line;
ROLLBACK;
