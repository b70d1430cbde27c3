using System.Globalization;
using Recs.Api.Contracts;
using Recs.Api.Live;
using Recs.Api.Serving;
using Recs.Domain.Wire;

namespace Recs.Api.Endpoints;

/// <summary><c>GET /v1/items/{id}/similar</c>: items like one.</summary>
internal sealed class SimilarEndpoint(LiveState live, ApiOptions options)
{
    public IResult Answer(string id, string? n)
    {
        var count = 10;
        if (n is not null && (!int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count < 1 || count > options.Places))
            throw RefusedRequest.Invalid($"n is '{n[..Math.Min(n.Length, 60)]}', range 1 to {options.Places}");
        var similar = id.Length <= EventLimits.NameLength ? live.Similar(new(id), count) : null;
        if (similar is null) throw new RefusedRequest(StatusCodes.Status404NotFound, "not found", $"the catalogue has no item '{id[..Math.Min(id.Length, 60)]}'");
        return Results.Json(new SimilarAnswer(id, similar.ByText ? "embedding" : "co_engagement",
            [.. similar.Items.Select(pair => new SimilarEntry(pair.Item.Id.Value, pair.Item.Title, pair.Strength))]), ApiJson.Default.SimilarAnswer);
    }
}
