PRAGMA application_id=1279613260;
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'leyline','create_tasks','2026-11-22 19:50:11.718772+00:00');
CREATE TABLE durations (number INTEGER PRIMARY KEY AUTOINCREMENT, seconds REAL NOT NULL);
INSERT INTO "durations" VALUES(1,31.5);
INSERT INTO "durations" VALUES(2,30.0);
CREATE TABLE line (id INTEGER PRIMARY KEY CHECK (id = 1), paused INTEGER NOT NULL DEFAULT 0);
INSERT INTO "line" VALUES(1,1);
CREATE TABLE links (
            link_id TEXT PRIMARY KEY,
            task_id TEXT NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
            token_hash TEXT NOT NULL UNIQUE,
            label TEXT,
            created_at REAL NOT NULL,
            expires_at REAL,
            max_views INTEGER,
            views INTEGER NOT NULL DEFAULT 0,
            revoked INTEGER NOT NULL DEFAULT 0
        );
INSERT INTO "links" VALUES('790876f0f6d0e413','00000000000000000000000000000000','43d1f9436b8b0da6998b3710287db9072927c9118d03eac2b287e34b3cd6694b','a friend',1700000000.0,1700000060.0,3,0,0);
CREATE TABLE tasks (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            place INTEGER NOT NULL,
            task_id TEXT NOT NULL UNIQUE,
            owner TEXT,
            client TEXT NOT NULL,
            client_id TEXT,
            status TEXT NOT NULL
                CHECK (status IN ('queued', 'processing', 'succeeded', 'failed', 'canceled')),
            moves INTEGER NOT NULL DEFAULT 1,
            run INTEGER NOT NULL DEFAULT 0,
            attempt INTEGER NOT NULL DEFAULT 1,
            cancel_requested INTEGER NOT NULL DEFAULT 0,
            retry_of TEXT,
            upload_sha256 TEXT,
            idempotency_key TEXT,
            image_name TEXT NOT NULL,
            image_width INTEGER NOT NULL,
            image_height INTEGER NOT NULL,
            image_bytes INTEGER NOT NULL,
            video_width INTEGER,
            video_height INTEGER,
            video_seconds REAL,
            video_bytes INTEGER,
            views INTEGER NOT NULL DEFAULT 0,
            error_code TEXT,
            error_detail TEXT,
            created_at REAL NOT NULL,
            started_at REAL,
            finished_at REAL,
            expires_at REAL,
            files_removed INTEGER NOT NULL DEFAULT 0
        );
INSERT INTO "tasks" VALUES(1,1,'00000000000000000000000000000000','owner','owner',NULL,'succeeded',4,1,1,0,NULL,'0000000000000000000000000000000000000000000000000000000000000000',NULL,'photo.jpg',640,480,1000,1280,720,6.0,1000,1,NULL,NULL,1700000000.0,1700000000.0,1700000000.0,1700000060.0,0);
INSERT INTO "tasks" VALUES(2,2,'00000000000000000000000000000001','owner','owner',NULL,'failed',3,1,1,0,NULL,'0000000000000000000000000000000000000000000000000000000000000001',NULL,'photo.jpg',640,480,1000,NULL,NULL,NULL,NULL,0,'model_crashed','The model crashed on this picture every time it was tried.',1700000000.0,1700000000.0,1700000000.0,1700000060.0,0);
INSERT INTO "tasks" VALUES(3,3,'00000000000000000000000000000002','owner','owner',NULL,'canceled',2,0,1,0,NULL,'0000000000000000000000000000000000000000000000000000000000000002',NULL,'photo.jpg',640,480,1000,NULL,NULL,NULL,NULL,0,NULL,NULL,1700000000.0,NULL,1700000000.0,NULL,0);
INSERT INTO "tasks" VALUES(4,4,'00000000000000000000000000000003','owner','owner',NULL,'succeeded',4,1,1,0,NULL,'0000000000000000000000000000000000000000000000000000000000000003',NULL,'photo.jpg',640,480,1000,1280,720,6.0,1000,0,NULL,NULL,1700000000.0,1700000000.0,1700000000.0,1700000060.0,1);
INSERT INTO "tasks" VALUES(5,5,'00000000000000000000000000000004','owner','owner',NULL,'processing',2,1,1,0,NULL,'0000000000000000000000000000000000000000000000000000000000000004',NULL,'photo.jpg',640,480,1000,NULL,NULL,NULL,NULL,0,NULL,NULL,1700000000.0,1700000000.0,NULL,NULL,0);
INSERT INTO "tasks" VALUES(6,6,'00000000000000000000000000000005','owner','owner',NULL,'queued',1,0,1,0,NULL,'0000000000000000000000000000000000000000000000000000000000000005',NULL,'photo.jpg',640,480,1000,NULL,NULL,NULL,NULL,0,NULL,NULL,1700000000.0,NULL,NULL,NULL,0);
INSERT INTO "tasks" VALUES(7,7,'00000000000000000000000000000006',NULL,'owner',NULL,'queued',1,0,1,0,'00000000000000000000000000000001','0000000000000000000000000000000000000000000000000000000000000006','key','photo.jpg',640,480,1000,NULL,NULL,NULL,NULL,0,NULL,NULL,1700000000.0,NULL,NULL,NULL,0);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX tasks_in_line ON tasks (place, number) WHERE status = 'queued';
CREATE INDEX tasks_running ON tasks (number) WHERE status = 'processing';
CREATE INDEX tasks_of_owner ON tasks (owner, number);
CREATE INDEX tasks_live_of_owner ON tasks (owner, number) WHERE status IN ('queued', 'processing');
CREATE INDEX tasks_with_files ON tasks (expires_at) WHERE expires_at IS NOT NULL AND files_removed = 0;
CREATE INDEX tasks_with_files_by_end ON tasks (finished_at)
            WHERE finished_at IS NOT NULL AND files_removed = 0;
CREATE INDEX tasks_without_files ON tasks (expires_at) WHERE files_removed = 1;
CREATE UNIQUE INDEX tasks_key_of_owner ON tasks (owner, idempotency_key)
            WHERE owner IS NOT NULL AND idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX tasks_key_of_picture ON tasks (idempotency_key, upload_sha256)
            WHERE owner IS NULL AND idempotency_key IS NOT NULL;
CREATE INDEX links_of_task ON links (task_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('tasks',7);
INSERT INTO "sqlite_sequence" VALUES('durations',2);
COMMIT;
