CREATE TABLE "generations" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"generation" bigint NOT NULL
);
