using System.ComponentModel;

namespace Recs.Api.Contracts;

/// <summary>What <c>GET /v1/models</c> answers: OpenAI's shape.</summary>
internal sealed record ModelsAnswer([property: Description("\"list\"")] string Object, IReadOnlyList<ModelEntry> Data);

/// <summary>An embedding model that is loaded.</summary>
internal sealed record ModelEntry(
    [property: Description("The embedding version.")] string Id,
    [property: Description("\"model\"")] string Object,
    [property: Description("When the server started, in seconds since 1970.")] long Created,
    [property: Description("\"recs\"")] string OwnedBy);
