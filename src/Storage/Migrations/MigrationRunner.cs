using System.Data.Common;
using Dapper;
using Recs.Domain;
using Recs.Storage.Marts;

namespace Recs.Storage.Migrations;

/// <summary>
/// Brings a database to this build's schema, all of it in the caller's transaction and under the caller's lock.
/// Tables change only by steps that are appended; marts without days are views, made again whenever their text has changed; those with days are tables, filled later.
/// </summary>
/// <param name="store">For messages.</param>
/// <param name="steps">In version order.</param>
/// <param name="dialect">Turns portable SQL into the engine's.</param>
/// <param name="views">The engine's way with views.</param>
internal sealed class MigrationRunner(string store, IReadOnlyList<Migration> steps, Func<string, string> dialect, ViewDialect views)
{
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
        var made = connection.Query<(string Name, string Checksum)>("select name, checksum from schema_view", transaction: transaction).ToHashSet();
        if (!schemaChanged && ViewMart.All.Select(mart => (mart.Name, mart.Checksum)).ToHashSet().SetEquals(made)) return;

        if (made.Count > 0) connection.Execute(views.Drop([.. made.Select(view => view.Name)]), transaction: transaction);
        connection.Execute("delete from schema_view", transaction: transaction);
        foreach (var mart in ViewMart.All)
        {
            connection.Execute($"create view {mart.Name} as\n{mart.Select}", transaction: transaction);
            if (views.Describe(mart) is { Length: > 0 } description) connection.Execute(description, transaction: transaction);
            connection.Execute(dialect("insert into schema_view (name, checksum) values ($name, $checksum)"), new { name = mart.Name, checksum = mart.Checksum }, transaction);
        }
    }
}

/// <summary>How an engine treats views, as SQL.</summary>
/// <param name="Drop">Drops views that may read each other, those of them that are there.</param>
/// <param name="Describe">What follows the making of a view; empty for nothing.</param>
internal sealed record ViewDialect(Func<IReadOnlyList<string>, string> Drop, Func<ViewMart, string> Describe);
