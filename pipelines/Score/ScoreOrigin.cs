using System.Globalization;
using System.Security.Cryptography;
using Recs.Domain;

namespace Recs.Pipelines.Score;

/// <summary>
/// The input that an output was made from, as the output's metadata tells it. An input of the same name, size and time of change is the same; one of another time (a copy, or
/// written again) is the same when its content is, which is told only where the content was hashed.
/// </summary>
/// <param name="Input">Name and bytes, or - for a pipe.</param>
/// <param name="Modified">When it was changed last, to the tick; null for a pipe.</param>
/// <param name="Content">Of all its bytes, or null where it was not hashed.</param>
internal sealed record ScoreOrigin(string Input, string? Modified, string? Content)
{
    /// <summary>Metadata keys of outputs.</summary>
    public const string InputKey = "recs.input", ModifiedKey = "recs.input_modified", ContentKey = "recs.input_content", BeforeKey = "recs.parts_before";

    /// <summary>For a shard: parts in the files before this one, modulo the number of shards. Which parts of the file are its own hangs on it.</summary>
    public int Before { get; init; }

    /// <summary>Hashed at a time by a thread.</summary>
    private const int BlockBytes = 4 << 20;

    /// <summary>What comes through a pipe has no name.</summary>
    public static ScoreOrigin Pipe { get; } = new("-", null, null);

    /// <summary>A file as it is now, its content not looked at; one that is not there has no bytes.</summary>
    public static ScoreOrigin Of(string path)
    {
        var file = new FileInfo(path);
        return new(string.Create(CultureInfo.InvariantCulture, $"{file.Name} {(file.Exists ? file.Length : 0)}"), file.LastWriteTimeUtc.ToString("O", CultureInfo.InvariantCulture), null);
    }

    /// <summary>The same with the content, which is read once over.</summary>
    /// <param name="path">The file.</param>
    /// <param name="threads">To hash with, at least 1.</param>
    public ScoreOrigin WithContent(string path, int threads) => this with { Content = HashOf(path, threads) };

    /// <summary>Whether an output with this metadata was made from the file at <paramref name="path"/>, of which this is the origin.</summary>
    /// <param name="metadata">Of the output.</param>
    /// <param name="path">Read over where the times differ.</param>
    /// <param name="threads">To hash with.</param>
    public bool IsOf(IReadOnlyDictionary<string, string> metadata, string path, int threads)
    {
        if (metadata.GetValueOrDefault(InputKey) != Input || metadata.GetValueOrDefault(BeforeKey, "0") != Part(Before)) return false;
        if (metadata.GetValueOrDefault(ModifiedKey) == Modified) return true;
        return metadata.GetValueOrDefault(ContentKey) is { } content && content == HashOf(path, threads);
    }

    /// <exception cref="RefusedException">The file is not what it was when this was made.</exception>
    public void RequireUnchanged(string path)
    {
        var now = Of(path);
        if ((now.Input, now.Modified) != (Input, Modified)) throw new RefusedException($"{path} was changed while it was scored; score it again when it is whole");
    }

    /// <summary>Adds what an output says.</summary>
    public void Tell(IDictionary<string, string> metadata)
    {
        metadata[InputKey] = Input;
        if (Modified is not null) metadata[ModifiedKey] = Modified;
        if (Content is not null) metadata[ContentKey] = Content;
        if (Before > 0) metadata[BeforeKey] = Part(Before);
    }

    private static string Part(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>SHA-256 over the SHA-256 of its blocks of 4 MiB: the same on any number of threads.</summary>
    private static string HashOf(string path, int threads)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var blocks = (int)((RandomAccess.GetLength(file) + BlockBytes - 1) / BlockBytes);
        var digests = new byte[blocks * SHA256.HashSizeInBytes];
        Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads }, () => new byte[BlockBytes], (block, _, bytes) =>
        {
            int length = 0, read;
            while (length < bytes.Length && (read = RandomAccess.Read(file, bytes.AsSpan(length), (long)block * BlockBytes + length)) > 0) length += read;
            SHA256.HashData(bytes.AsSpan(0, length), digests.AsSpan(block * SHA256.HashSizeInBytes));
            return bytes;
        }, _ => { });
        return Convert.ToHexStringLower(SHA256.HashData(digests));
    }
}
