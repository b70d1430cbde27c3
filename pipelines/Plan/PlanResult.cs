using System.Text.Json.Serialization;
using Recs.Embedder;
using Recs.Embedder.Planning;

namespace Recs.Pipelines.Plan;

/// <summary>What <c>recs plan --json</c> writes.</summary>
/// <param name="Source">The folder or file.</param>
/// <param name="StoredAs">What its headers say, or what a config.json alone is taken as.</param>
/// <param name="Layers">How many.</param>
/// <param name="Parameters">By part.</param>
/// <param name="ActivePerToken">Parameters a token meets.</param>
/// <param name="Bytes">By part, as stored.</param>
/// <param name="NotNeeded">Bytes that are never read.</param>
/// <param name="LargestLayer">0-based.</param>
/// <param name="LargestLayerBytes">As stored.</param>
/// <param name="Memory">What is allowed and needed.</param>
/// <param name="Run">Null where it does not fit.</param>
internal sealed record PlanResult(
    string Source, string StoredAs, int Layers, ModelParts Parameters, long ActivePerToken, ModelParts Bytes, UnusedTensors NotNeeded,
    int LargestLayer, long LargestLayerBytes, PlannedMemory Memory, PlannedRun? Run);

/// <summary>Bytes of memory.</summary>
/// <param name="Allowed">By the person, or what the process may use.</param>
/// <param name="Full">With all layers and a micro-batch a thread.</param>
/// <param name="Stream">With one part of a layer and a few micro-batches: the least there is.</param>
/// <param name="LargestPart">Of the parts that pass through memory one by one.</param>
/// <param name="StatePerToken">More for each token in flight.</param>
internal sealed record PlannedMemory(long Allowed, long Full, long Stream, long LargestPart, long StatePerToken);

/// <summary>The run.</summary>
/// <param name="Tokens">To embed.</param>
/// <param name="Texts">That they are in.</param>
/// <param name="DiskBytesPerSecond">Taken.</param>
/// <param name="FlopsPerSecond">Taken.</param>
/// <param name="Plan">How it goes.</param>
internal sealed record PlannedRun(long Tokens, long Texts, MeasuredRate DiskBytesPerSecond, MeasuredRate FlopsPerSecond, RunPlan Plan);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true, Converters = [typeof(PlannedResidency), typeof(PlannedBound)])]
[JsonSerializable(typeof(PlanResult))]
internal sealed partial class PlanJson : JsonSerializerContext;

/// <summary>As on the command line: full, stream.</summary>
internal sealed class PlannedResidency() : JsonStringEnumConverter<Residency>(System.Text.Json.JsonNamingPolicy.SnakeCaseLower);

/// <summary>compute or disk.</summary>
internal sealed class PlannedBound() : JsonStringEnumConverter<RunBound>(System.Text.Json.JsonNamingPolicy.SnakeCaseLower);
