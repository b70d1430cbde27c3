namespace Recs.Storage.DuckDb;

/// <summary>
/// What all writers of one file share within a process. They are gone with the last of them: another process may write then.
/// Safe from any thread.
/// </summary>
internal sealed class DuckDbWriters
{
    private static readonly Lock All = new();
    private static readonly Dictionary<string, DuckDbWriters> ByFile = new(StringComparer.Ordinal);
    private string? _file;
    private int _members;

    /// <summary>Held by whoever writes: DuckDB refuses the second of two writers that meet, instead of letting it wait.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Read and changed by who holds <see cref="Gate"/>.</summary>
    public KnownKeys Keys { get; } = new();

    /// <summary>What the engine may hold: a setting of the database, not of a connection.</summary>
    public DuckDbMemory Memory { get; } = new();

    public static DuckDbWriters Join(string file)
    {
        lock (All)
        {
            if (!ByFile.TryGetValue(file, out var writers)) ByFile[file] = writers = new DuckDbWriters { _file = file };
            writers._members++;
            return writers;
        }
    }

    public void Leave()
    {
        lock (All)
            if (--_members == 0 && _file is not null) ByFile.Remove(_file);
    }
}
