using System.Text.Json;
using System.Text.Json.Serialization;
using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Pipelines.CommandLine;
using Recs.Storage.Parquet;

namespace Recs.Pipelines.Snapshot;

/// <summary>
/// The facts and vectors of a moment as a folder of files, so that what follows is a pure function of files: <c>facts.parquet</c> (known, event as on
/// the wire), <c>vectors.parquet</c>, and <c>snapshot.json</c>, written last: a folder without it is not a snapshot.
/// </summary>
internal sealed class Snapshot
{
    private const string FactsFile = "facts.parquet", VectorsFile = "vectors.parquet", ManifestFile = "snapshot.json";
    private static readonly ParquetColumn[] FactColumns = [new("known", ParquetType.Timestamp), new("event", ParquetType.Text)];
    private static readonly ParquetColumn[] VectorKeys = [new("item", ParquetType.Text), new("content_hash", ParquetType.Text), new("signature", ParquetType.Text)];

    private Snapshot(SnapshotManifest manifest, IReadOnlyList<Fact> facts, IReadOnlyList<ItemEmbedding> vectors) => (Manifest, Facts, Vectors) = (manifest, facts, vectors);

    public SnapshotManifest Manifest { get; }

    /// <summary>In the order (known, event time, event id).</summary>
    public IReadOnlyList<Fact> Facts { get; }

    public IReadOnlyList<ItemEmbedding> Vectors { get; }

    /// <summary>Writes a snapshot; files of an earlier one are replaced.</summary>
    /// <returns>How many facts it holds.</returns>
    public static SnapshotManifest Write(string folder, IEnumerable<Fact> facts, IReadOnlyList<ItemEmbedding> vectors)
    {
        Directory.CreateDirectory(folder);
        File.Delete(Path.Combine(folder, ManifestFile));
        var newest = new Timestamp(0);
        long count = 0;
        using (var writer = new ParquetWriter(Path.Combine(folder, FactsFile), FactColumns))
        {
            foreach (var (source, known) in facts)
            {
                writer.Time(known);
                writer.Text(System.Text.Encoding.UTF8.GetString(EventCodec.Write(source)));
                writer.EndRow();
                if (known > newest) newest = known;
                count++;
            }
            writer.Finish();
        }
        var dimensions = vectors.Count == 0 ? 0 : vectors[0].Vector.Length;
        using (var writer = new ParquetWriter(Path.Combine(folder, VectorsFile),
            [.. VectorKeys, .. Enumerable.Range(0, dimensions).Select(i => new ParquetColumn($"v{i}", ParquetType.Float))]))
        {
            foreach (var embedding in vectors)
            {
                writer.Text(embedding.Item.Value);
                writer.Text(embedding.ContentHash);
                writer.Text(embedding.Signature);
                foreach (var value in embedding.Vector) writer.Float(value);
                writer.EndRow();
            }
            writer.Finish();
        }
        // A millisecond after the newest fact: everything in the snapshot was known before it.
        var manifest = new SnapshotManifest(newest.Milliseconds + 1, new Timestamp(newest.Milliseconds + 1).ToString(), count, vectors.Count == 0 ? "none" : vectors[0].Version, vectors.Count);
        Verb.WriteJson(new FileInfo(Path.Combine(folder, ManifestFile)), manifest, SnapshotJson.Default.SnapshotManifest);
        return manifest;
    }

    /// <summary>Reads a snapshot.</summary>
    /// <exception cref="RefusedException">The folder is no whole snapshot.</exception>
    public static Snapshot Read(string folder)
    {
        var path = Path.Combine(folder, ManifestFile);
        if (!File.Exists(path)) throw new RefusedException($"{folder} is no snapshot: it has no {ManifestFile}; write one with recs snapshot");
        SnapshotManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(File.ReadAllText(path), SnapshotJson.Default.SnapshotManifest) ?? throw new JsonException("holds null");
        }
        catch (JsonException broken)
        {
            throw new RefusedException($"{path} is not a snapshot's description: {broken.Message}", broken);
        }
        var facts = ReadFacts(Path.Combine(folder, FactsFile));
        var vectors = ReadVectors(Path.Combine(folder, VectorsFile), manifest.EmbeddingVersion);
        return facts.Count == manifest.Facts && vectors.Count == manifest.Vectors ? new(manifest, facts, vectors)
            : throw new RefusedException($"{folder} holds {facts.Count} facts and {vectors.Count} vectors, {ManifestFile} says {manifest.Facts} and {manifest.Vectors}; write the snapshot anew");
    }

    private static List<Fact> ReadFacts(string path)
    {
        using var file = ParquetFile.Open(path);
        List<Fact> facts = new((int)file.RowCount);
        foreach (var batch in file.Read(FactColumns))
            for (var row = 0; row < batch.Count; row++)
                facts.Add(new(EventCodec.ReadStored(System.Text.Encoding.UTF8.GetBytes(batch.Texts(1)[row] ?? "")), batch.Times(0)[row]));
        return facts;
    }

    private static List<ItemEmbedding> ReadVectors(string path, string version)
    {
        using var file = ParquetFile.Open(path);
        List<ItemEmbedding> vectors = [];
        if (file.Columns.Count < VectorKeys.Length || VectorKeys.Where((key, at) => file.Columns[at].Name != key.Name).Any())
            throw new RefusedException($"{path} does not begin with the columns {string.Join(", ", VectorKeys.Select(key => key.Name))}; write the snapshot anew with this build");
        foreach (var batch in file.Read())
            for (var row = 0; row < batch.Count; row++)
            {
                var vector = new float[file.Columns.Count - VectorKeys.Length];
                for (var i = 0; i < vector.Length; i++) vector[i] = batch.Floats(VectorKeys.Length + i)[row];
                vectors.Add(new(new ItemId(batch.Texts(0)[row] ?? ""), version, batch.Texts(1)[row] ?? "", vector, batch.Texts(2)[row] ?? ""));
            }
        return vectors;
    }
}

/// <summary>The file snapshot.json.</summary>
/// <param name="AsOf">Milliseconds since 1970: the moment whose past the snapshot is.</param>
/// <param name="AsOfText">The same for people.</param>
/// <param name="Facts">Facts in the folder.</param>
/// <param name="EmbeddingVersion">Of the vectors, or "none".</param>
/// <param name="Vectors">Vectors in the folder.</param>
internal sealed record SnapshotManifest(long AsOf, string AsOfText, long Facts, string EmbeddingVersion, int Vectors);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SnapshotManifest))]
internal sealed partial class SnapshotJson : JsonSerializerContext;
