using System.Data.Common;
using Dapper;
using Recs.Domain;
using Recs.Storage.Marts;
using Recs.Storage.Sql;

namespace Recs.Storage.Migrations;

/// <summary>
/// Brings a database to this build's schema, all of it in the caller's transaction and under the caller's lock.
/// Tables change only by steps that are appended; marts without days are views, made again whenever their text has changed; those with days are tables, filled later.
/// </summary>
/// <param name="store">For messages.</param>
/// <param name="steps">In version order.</param>
/// <param name="dialect">Turns portable SQL into the engine's.</param>
internal sealed class MigrationRunner(string store, IReadOnlyList<Migration> steps, Func<string, string> dialect)
{
    private const string Marts = TableMart.Folder;

    /// <exception cref="RefusedException">A step that ran has another text now, or the schema is newer than this build.</exception>
    public void Run(DbConnection connection, DbTransaction transaction)
    {
        connection.Execute("""
            create table if not exists schema_migration (version integer not null primary key, name text not null, checksum text not null);
            create table if not exists schema_view (name text not null primary key, checksum text not null);
            """, transaction: transaction);
        var done = connection.Query<(int Version, string Name, string Checksum)>(
            "select version, name, checksum from schema_migration order by version", transaction: transaction).ToList();
        foreach (var (version, name, checksum) in done) Verify(version, name, checksum);
        var pending = steps.Where(step => done.All(ran => ran.Version != step.Version)).ToList();
        foreach (var step in pending) Apply(connection, transaction, step);
        RefreshMarts(connection, transaction, schemaChanged: pending.Count > 0);
    }

    private void Verify(int version, string name, string checksum)
    {
        var step = steps.FirstOrDefault(known => known.Version == version)
            ?? throw new RefusedException($"{store} is at schema step {name}, newer than this build's {steps[^1].Name}; use a newer build");
        if (step.Checksum != checksum)
            throw new RefusedException($"{store} ran schema step {name} with another text (checksum {checksum[..12]}, this build has {step.Checksum[..12]}); " +
                "steps are never edited: restore the file and append a new step");
    }

    private void Apply(DbConnection connection, DbTransaction transaction, Migration step)
    {
        connection.Execute(step.Text, transaction: transaction);
        connection.Execute(dialect("insert into schema_migration (version, name, checksum) values ($version, $name, $checksum)"),
            new { version = step.Version, name = step.Name, checksum = step.Checksum }, transaction);
    }

    private void RefreshMarts(DbConnection connection, DbTransaction transaction, bool schemaChanged)
    {
        var marts = SqlResources.Names(Marts).Select(name => (Name: name, Text: SqlResources.Text(Marts, name))).Where(mart => !TableMart.IsTable(mart.Text)).ToList();
        var made = connection.Query<(string Name, string Checksum)>("select name, checksum from schema_view", transaction: transaction).ToHashSet();
        if (!schemaChanged && marts.Select(mart => (mart.Name, Migration.ChecksumOf(mart.Text))).ToHashSet().SetEquals(made)) return;

        // One mart may read another whose name comes before its own: made in name order, dropped the other way round.
        foreach (var (name, _) in made.OrderByDescending(view => view.Name, StringComparer.Ordinal))
            connection.Execute($"drop view if exists {name}", transaction: transaction);
        connection.Execute("delete from schema_view", transaction: transaction);
        foreach (var (name, text) in marts)
        {
            connection.Execute($"create view {name} as\n{text}", transaction: transaction);
            connection.Execute(dialect("insert into schema_view (name, checksum) values ($name, $checksum)"),
                new { name, checksum = Migration.ChecksumOf(text) }, transaction);
        }
    }
}
