CREATE TABLE `reactions` (
	`name` text PRIMARY KEY NOT NULL,
	`position` integer NOT NULL
);
