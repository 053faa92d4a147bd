CREATE TABLE `changes` (
	`read_table` text NOT NULL,
	`position` integer NOT NULL,
	`key` text NOT NULL,
	`before` text,
	PRIMARY KEY(`read_table`, `position`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `changes_key` ON `changes` (`read_table`,"position" / 2000,`key`,`position`);--> statement-breakpoint
ALTER TABLE `read_tables` ADD `journaled_after` integer;--> statement-breakpoint
UPDATE `read_tables` SET `journaled_after` = (SELECT coalesce(max(`position`), 0) FROM `events`);
