CREATE TABLE "generations" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"generation" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reactions" (
	"name" text COLLATE "C" PRIMARY KEY NOT NULL,
	"position" bigint NOT NULL,
	"failing" boolean DEFAULT false NOT NULL,
	"lease" text COLLATE "C",
	"leased_until" timestamp with time zone
);
