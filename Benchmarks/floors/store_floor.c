/*
 * The floor under the store: the rows that an import has left in a store, written once more by a
 * bare loop on sqlite3 into an empty file with the same tables and indexes, 500 documents a
 * transaction, WAL.  Reading them is not timed.
 *
 *     store_floor STORE NEW_FILE
 *
 * Prints one JSON object: seconds and documents.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 500

static sqlite3 *source, *target;

static void check(int code, sqlite3 *database) {
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
    fprintf(stderr, "store_floor: %s\n", sqlite3_errmsg(database));
    exit(1);
}

static sqlite3_stmt *prepare(sqlite3 *database, const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), database);
    return statement;
}

static void copy_schema(void) {
    check(sqlite3_exec(target, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", 0, 0, 0),
          target);
    sqlite3_stmt *objects = prepare(
        source, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"
                " AND tbl_name IN ('documents', 'contents') ORDER BY type = 'index'");
    while (sqlite3_step(objects) == SQLITE_ROW)
        check(sqlite3_exec(target, (const char *)sqlite3_column_text(objects, 0), 0, 0, 0), target);
    sqlite3_finalize(objects);
}

/* ---- a table's rows in memory ---- */

struct table {
    int columns;
    long rows;
    sqlite3_value **values; /* rows * columns, owned */
    sqlite3_stmt *insertion;
};

static void read_table(struct table *table, const char *name) {
    char sql[512];
    snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY row", name);
    sqlite3_stmt *rows = prepare(source, sql);
    size_t capacity = 0, count = 0;
    table->columns = sqlite3_column_count(rows);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        for (int column = 0; column < table->columns; column++) {
            if (count == capacity) {
                capacity = capacity ? capacity * 2 : 1024;
                table->values = realloc(table->values, capacity * sizeof *table->values);
                if (!table->values) exit(1);
            }
            table->values[count++] = sqlite3_value_dup(sqlite3_column_value(rows, column));
        }
        table->rows++;
    }
    sqlite3_finalize(rows);
    int size = snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?", name);
    for (int column = 1; column < table->columns; column++)
        size += snprintf(sql + size, sizeof sql - (size_t)size, ",?");
    snprintf(sql + size, sizeof sql - (size_t)size, ")");
    table->insertion = prepare(target, sql);
}

static void insert(struct table *table, long row) {
    for (int column = 0; column < table->columns; column++)
        check(sqlite3_bind_value(table->insertion, column + 1,
                                 table->values[row * table->columns + column]),
              target);
    check(sqlite3_step(table->insertion), target);
    check(sqlite3_reset(table->insertion), target);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
    if (count != 3) return 2;
    check(sqlite3_open_v2(arguments[1], &source, SQLITE_OPEN_READONLY, NULL), source);
    check(sqlite3_open(arguments[2], &target), target);
    copy_schema();
    struct table documents = {0}, contents = {0};
    read_table(&documents, "documents");
    read_table(&contents, "contents");
    if (documents.rows != contents.rows) return 1;
    double started = now();
    for (long row = 0; row < documents.rows; row++) {
        if (row % BATCH == 0) check(sqlite3_exec(target, "BEGIN IMMEDIATE", 0, 0, 0), target);
        insert(&documents, row);
        insert(&contents, row);
        if (row % BATCH == BATCH - 1 || row == documents.rows - 1)
            check(sqlite3_exec(target, "COMMIT", 0, 0, 0), target);
    }
    printf("{\"seconds\":%.4f,\"documents\":%ld}\n", now() - started, documents.rows);
    return 0;
}
