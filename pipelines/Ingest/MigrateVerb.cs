using System.CommandLine;
using Recs.Pipelines.CommandLine;
using Recs.Storage;

namespace Recs.Pipelines.Ingest;

/// <summary><c>recs migrate</c>: brings a store's schema to this build's version.</summary>
internal static class MigrateVerb
{
    public static Command Create()
    {
        var db = StoreOption.Create();
        return Verb.Create("migrate", "Brings the store's schema to this build's version; safe to run again.", [db], (parsed, _) =>
        {
            using var store = EventStore.Open(parsed.GetValue(db)!);
            store.Migrate();
            Console.WriteLine($"migrate: {store.Name} is at this build's version");
            return Task.FromResult(0);
        });
    }
}
