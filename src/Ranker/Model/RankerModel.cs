using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Features;
using Recs.Ranker.Training;

namespace Recs.Ranker.Model;

/// <summary>
/// The heads that score, with the versions they depend on, as a folder: <c>model.json</c> and one ML.NET file for each head.
/// Immutable; safe from any thread.
/// </summary>
public sealed class RankerModel
{
    internal RankerModel(string version, FeatureSchema schema, string embeddingVersion, IReadOnlyList<Head> heads)
    {
        Version = version;
        Schema = schema;
        EmbeddingVersion = embeddingVersion;
        Heads = heads;
    }

    /// <summary>16 hex digits over trees, calibration, schema and embedding version: equal models have equal versions.</summary>
    public string Version { get; }

    /// <summary>The columns of the rows the heads read: a full row is what <see cref="FeatureReader"/> makes of it.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>The embedding version the heads were trained with.</summary>
    public string EmbeddingVersion { get; }

    /// <summary>One head for each predicted action; at least one.</summary>
    public IReadOnlyList<Head> Heads { get; }

    /// <summary>The head of an action, or null.</summary>
    public Head? Head(InteractionType action) => Heads.FirstOrDefault(head => head.Action == action);

    /// <summary>Writes a model folder; the folder appears whole or not at all.</summary>
    /// <param name="folder">The folder to be; replaced when it is a model folder already.</param>
    /// <param name="heads">What the trainer returned.</param>
    /// <param name="embeddingVersion">The version of the vectors in the training rows, or "none".</param>
    /// <returns>The model as written.</returns>
    /// <exception cref="RefusedException">The folder exists and holds something other than a model.</exception>
    /// <exception cref="ArgumentException">There is no head, or the heads read rows of two schemas.</exception>
    public static RankerModel Save(string folder, IReadOnlyList<TrainedHead> heads, string embeddingVersion)
    {
        var schemas = heads.Select(head => head.Schema).DistinctBy(schema => schema?.Hash).ToList();
        if (schemas is not [{ } schema]) throw new ArgumentException($"{heads.Count} heads that read {schemas.Count} schemas: a model has heads of one", nameof(heads));
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Directory.Exists(target) && !File.Exists(Path.Combine(target, ModelFile.Name)) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new RefusedException($"{target} is there and is no model folder (it has no {ModelFile.Name}); name another folder");
        var partial = target + ".partial";
        if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        Directory.CreateDirectory(partial);

        var context = new MLContext(seed: 1);
        var entries = heads.Select(head =>
        {
            var action = ActionNames.Of(head.Head.Action);
            var parts = head.Parts.Select((part, at) =>
            {
                var file = head.Parts.Count == 1 ? $"head-{action}.zip" : $"head-{action}-{at + 1}.zip";
                context.Model.Save(part.Transformer, part.InputSchema, Path.Combine(partial, file));
                return new ModelFile.PartEntry(file, part.Weight, part.Line.Slope, part.Line.Intercept, CoversFile.Write(Path.Combine(partial, file), part.Covers));
            }).ToList();
            return new ModelFile.HeadEntry(action, parts, new(head.Head.Calibration.Kind, head.Head.Calibration.Numbers), head.Columns);
        }).ToList();
        var model = new RankerModel(VersionOf(schema, heads.Select(head => head.Head), entries, embeddingVersion), schema, embeddingVersion, [.. heads.Select(head => head.Head)]);
        var description = new ModelFile(model.Version, schema.Hash, FeatureSchema.Version, [.. schema.Features.Select(feature => new ModelFile.FeatureEntry(feature.Name, feature.Parameters, feature.Attribute, feature.Found))], schema.Columns, embeddingVersion, entries);
        File.WriteAllText(Path.Combine(partial, ModelFile.Name), JsonSerializer.Serialize(description, ModelFileContext.Default.ModelFile) + "\n");

        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        Directory.Move(partial, target);
        return model;
    }

    /// <summary>Reads a model folder.</summary>
    /// <exception cref="RefusedException">A file is missing or broken, or the model reads other features than this build makes.</exception>
    public static RankerModel Load(string folder)
    {
        var path = Path.Combine(folder, ModelFile.Name);
        if (!File.Exists(path)) throw new RefusedException($"{folder} is no model folder: it has no {ModelFile.Name}; recs demo trains one");
        ModelFile file;
        try
        {
            file = JsonSerializer.Deserialize(File.ReadAllText(path), ModelFileContext.Default.ModelFile) ?? throw new JsonException("holds null");
        }
        catch (JsonException broken)
        {
            throw new RefusedException($"{path} is not a model description: {broken.Message}", broken);
        }
        var schema = SchemaOf(path, file);
        if (file.Heads is not { Count: > 0 }) throw new RefusedException($"{path}: the model has no heads");

        var context = new MLContext(seed: 1);
        var heads = file.Heads.Select(entry => LoadHead(context, folder, schema, entry)).ToList();
        var version = VersionOf(schema, heads, file.Heads, file.EmbeddingVersion);
        return version == file.Version
            ? new(version, schema, file.EmbeddingVersion, heads)
            : throw new RefusedException($"{path} says version {file.Version}, its files give {version}: the folder holds files of two models; train it anew");
    }

    private static FeatureSchema SchemaOf(string path, ModelFile file)
    {
        FeatureSchema schema;
        try
        {
            schema = FeatureSchema.Of(file.Features.Select(feature => new FeatureChoice(feature.Name, feature.Parameters, feature.Attribute, feature.Found)), file.SchemaVersion);
        }
        catch (RefusedException unknown)
        {
            throw new RefusedException($"{path}: {unknown.Message}; train the model anew with this build, or serve it with the build that trained it", unknown);
        }
        if (!schema.Columns.SequenceEqual(file.Columns)) throw new RefusedException($"{path}: the features make other columns in this build ({Differing(schema.Columns, file.Columns)}); train the model anew with it");
        return schema.Hash == file.SchemaHash ? schema
            : throw new RefusedException($"{path}: the model reads feature schema {file.SchemaHash}, its description gives {schema.Hash} in this build; train it anew with this build");
    }

    private static string Differing(IEnumerable<string> here, IEnumerable<string> there) =>
        $"here alone: {string.Join(", ", here.Except(there).Take(5).DefaultIfEmpty("none"))}; in the model alone: {string.Join(", ", there.Except(here).Take(5).DefaultIfEmpty("none"))}";

    private static Head LoadHead(MLContext context, string folder, FeatureSchema schema, ModelFile.HeadEntry entry)
    {
        var path = Path.Combine(folder, ModelFile.Name);
        try
        {
            var action = ActionNames.Parse(entry.Action) ?? throw new InvalidDataException($"predicts '{entry.Action}', which is no action");
            if (entry.Columns?.Any(column => column < 0 || column >= schema.Width) == true)
                throw new InvalidDataException($"reads columns outside 0 to {schema.Width - 1}");
            if (entry.Parts.Count == 0) throw new InvalidDataException("names no file");
            var parts = new List<BlendScorer.Part>(entry.Parts.Count);
            foreach (var part in entry.Parts)
            {
                path = Path.Combine(folder, Path.GetFileName(part.File));
                var transformer = context.Model.Load(path, out var input);
                parts.Add(new(CoversFile.Add(path, MlNetScorer.Flatten(transformer, input), part.Covers), new(part.Slope, part.Intercept), part.Weight));
            }
            return new Head(action, parts.Count == 1 ? parts[0].Scorer : new BlendScorer(parts), Calibrations.Parse(entry.Calibration.Kind, entry.Calibration.Numbers), entry.Columns);
        }
        catch (Exception broken) // a damaged file makes ML.NET's reader fail anywhere, often inside of reflection
        {
            throw new RefusedException($"{path} cannot be read as a head: {broken.GetBaseException().Message.Split('\n')[0]}", broken);
        }
    }

    private static string VersionOf(FeatureSchema schema, IEnumerable<Head> heads, IReadOnlyList<ModelFile.HeadEntry> entries, string embeddingVersion)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
        Add(schema.Hash);
        Add(embeddingVersion);
        foreach (var (head, entry) in heads.Zip(entries))
        {
            var numbers = string.Join(' ', entry.Calibration.Numbers.Select(number => number.ToString("R", CultureInfo.InvariantCulture)));
            Add(string.Create(CultureInfo.InvariantCulture, $"{entry.Action} {entry.Calibration.Kind} {numbers} {string.Join(' ', entry.Columns ?? [])}"));
            head.AppendTo(hash);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
