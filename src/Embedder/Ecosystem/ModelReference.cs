using System.Text.Json.Serialization;

namespace Recs.Embedder.Ecosystem;

/// <summary>A model on disk and the choices made about it, as a saved pipeline keeps them.</summary>
internal sealed record ModelReference(string Folder, string Version, int? Layer, string? Pooling, int? MaxTokens, string Precision);

[JsonSerializable(typeof(ModelReference))]
internal sealed partial class ModelReferenceJson : JsonSerializerContext;
