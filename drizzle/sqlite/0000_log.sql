CREATE TABLE `commands` (
	`command_id` text PRIMARY KEY NOT NULL,
	`input_hash` text NOT NULL,
	`outcome` text NOT NULL,
	`position` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `event_tags` (
	`tag` text NOT NULL,
	`position` integer NOT NULL,
	PRIMARY KEY(`tag`, `position`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `events` (
	`position` integer PRIMARY KEY NOT NULL,
	`event_id` text NOT NULL,
	`stream` text NOT NULL,
	`version` integer NOT NULL,
	`type` text NOT NULL,
	`schema_version` integer NOT NULL,
	`data` text NOT NULL,
	`metadata` text NOT NULL,
	`recorded_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `events_type` ON `events` (`type`,`schema_version`);--> statement-breakpoint
CREATE UNIQUE INDEX `events_stream_version` ON `events` (`stream`,`version`);--> statement-breakpoint
CREATE TABLE `read_tables` (
	`name` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`position` integer NOT NULL
);
