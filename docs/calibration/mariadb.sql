-- Measures how fast this server scans, copies, indexes, checks foreign keys and updates, and prints it as the
-- calibration file of a target profile. Run it on staging, on the hardware that production has, as a user who may
-- create databases; there must be none of the name pkgscan_calibration:
--
--     mariadb -N <mariadb.sql >calibration.toml
--
-- It works in a database of its own, which it drops at its end. It needs about 300 MB of disk and takes some minutes on
-- slow disks. Rows are inserted at two sizes, and each piece of work is measured three times: the rates are those at
-- the larger size and those of the growth between both, least and most.
CREATE DATABASE pkgscan_calibration CHARACTER SET utf8mb4;
USE pkgscan_calibration;
CREATE TABLE measured (
  id int AUTO_INCREMENT PRIMARY KEY, work varchar(20), round int, size int, piece int, amount double, seconds double
);
DELIMITER //
CREATE PROCEDURE measure(kind varchar(20), round int, size int, piece int, amount double, statement text)
BEGIN
  DECLARE begun datetime(6) DEFAULT sysdate(6);
  EXECUTE IMMEDIATE statement;
  INSERT INTO measured (work, round, size, piece, amount, seconds)
    VALUES (kind, round, size, piece, amount, timestampdiff(MICROSECOND, begun, sysdate(6)) / 1e6);
END//
CREATE PROCEDURE fill(size int)
BEGIN
  DECLARE rows_now int DEFAULT 1;
  INSERT INTO c (n, word, moment, price, other) VALUES (rand() * 1e9, md5(rand()), now(), rand() * 1e6, 1);
  WHILE rows_now < size DO
    INSERT INTO c (n, word, moment, price, other)
      SELECT rand() * 1e9, md5(rand()), now() - INTERVAL rand() * 1e6 SECOND, rand() * 1e6, 1
      FROM c LIMIT 100000;
    SELECT count(*) INTO rows_now FROM c;
  END WHILE;
END//
CREATE PROCEDURE look(round int, size int)
BEGIN
  DECLARE row_count, heap, total double;
  CREATE TABLE other (id int PRIMARY KEY);
  INSERT INTO other VALUES (1);
  CREATE TABLE c (
    id int AUTO_INCREMENT PRIMARY KEY, n int NOT NULL, word varchar(40), moment datetime, price decimal(12,2), other int
  );
  CALL fill(size);
  ALTER TABLE c FORCE;  -- brings the sizes up to date, and unlike ANALYZE prints nothing
  SELECT count(*) INTO row_count FROM c;
  SELECT data_length, data_length + index_length INTO heap, total
    FROM information_schema.tables WHERE table_schema = database() AND table_name = 'c';
  CALL measure('scan', round, size, 1, heap, 'SELECT count(*) INTO @n FROM c WHERE price < 0');
  CALL measure('rewrite', round, size, 1, total, 'ALTER TABLE c MODIFY n bigint NOT NULL, ALGORITHM=COPY');
  CALL measure('rewrite', round, size, 2, total, 'ALTER TABLE c FORCE, ALGORITHM=INPLACE');
  CALL measure('index', round, size, 1, row_count, 'ALTER TABLE c ADD INDEX c_n (n)');
  CALL measure('index', round, size, 2, row_count, 'ALTER TABLE c ADD INDEX c_moment (moment)');
  CALL measure('index', round, size, 3, row_count, 'ALTER TABLE c ADD INDEX c_word (word)');
  CALL measure('update', round, size, 1, row_count, 'UPDATE c SET price = price + 1');
  SELECT data_length + index_length INTO total
    FROM information_schema.tables WHERE table_schema = database() AND table_name = 'c';
  CALL measure('rewrite_indexed', round, size, 1, total, 'ALTER TABLE c MODIFY n int NOT NULL, ALGORITHM=COPY');
  CALL measure('rewrite_indexed', round, size, 2, total, 'ALTER TABLE c FORCE, ALGORITHM=INPLACE');
  CALL measure('check_key', round, size, 1, row_count, 'ALTER TABLE c ADD FOREIGN KEY (other) REFERENCES other (id)');
  DROP TABLE c, other;
END//
DELIMITER ;
CALL look(1, 50000);
CALL look(1, 200000);
CALL look(2, 50000);
CALL look(2, 200000);
CALL look(3, 50000);
CALL look(3, 200000);
SELECT 'calibration = 1';
SELECT 'engine = "mariadb"';
SELECT concat('version = "', substring_index(version(), '.', 2), '"');
SELECT concat(work, ' = [', round(least(min(plain), min(growth))), ', ', round(greatest(max(plain), max(growth))), ']')
FROM (
  SELECT work, l.amount / l.seconds AS plain, (l.amount - s.amount) / (l.seconds - s.seconds) AS growth
  FROM measured l JOIN measured s USING (work, round, piece)
  WHERE l.size > s.size AND l.seconds > 1.5 * s.seconds
) AS pairs GROUP BY work ORDER BY work;
DROP DATABASE pkgscan_calibration;
