CREATE TABLE "changes" (
	"read_table" text COLLATE "C" NOT NULL,
	"position" bigint NOT NULL,
	"key" text COLLATE "C" NOT NULL,
	"before" text COLLATE "C",
	CONSTRAINT "changes_read_table_position_key_pk" PRIMARY KEY("read_table","position","key")
);
--> statement-breakpoint
CREATE TABLE "commands" (
	"command_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"input_hash" text COLLATE "C" NOT NULL,
	"outcome" text COLLATE "C" NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "event_tags" (
	"tag" text COLLATE "C" NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "event_tags_tag_position_pk" PRIMARY KEY("tag","position")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"position" bigint PRIMARY KEY NOT NULL,
	"event_id" text COLLATE "C" NOT NULL,
	"stream" text COLLATE "C" NOT NULL,
	"version" bigint NOT NULL,
	"type" text COLLATE "C" NOT NULL,
	"schema_version" integer NOT NULL,
	"data" text COLLATE "C" NOT NULL,
	"metadata" text COLLATE "C" NOT NULL,
	"recorded_at" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "events_stream_version" UNIQUE("stream","version")
);
--> statement-breakpoint
CREATE TABLE "read_tables" (
	"name" text COLLATE "C" PRIMARY KEY NOT NULL,
	"hash" text COLLATE "C" NOT NULL,
	"position" bigint NOT NULL,
	"journaled_after" bigint,
	"rebuilds" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "write_lock" (
	"is_lock" boolean PRIMARY KEY DEFAULT true NOT NULL,
	CONSTRAINT "write_lock_one_row" CHECK ("write_lock"."is_lock")
);
--> statement-breakpoint
CREATE INDEX "changes_key" ON "changes" USING btree ("read_table","key","position");--> statement-breakpoint
CREATE INDEX "event_tags_position" ON "event_tags" USING btree ("position");--> statement-breakpoint
CREATE INDEX "events_type" ON "events" USING btree ("type","schema_version","position");--> statement-breakpoint
CREATE VIEW "head" AS (SELECT position, hash FROM (SELECT position, hash FROM events ORDER BY position DESC LIMIT 1) AS last
    UNION ALL SELECT 0, NULL WHERE NOT EXISTS (SELECT FROM events));--> statement-breakpoint
INSERT INTO "write_lock" DEFAULT VALUES;
