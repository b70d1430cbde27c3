using System.Text.Json;
using Recs.Api.Contracts;
using Recs.Api.Live;
using Recs.Api.Serving;
using Recs.Domain;
using Recs.Domain.Items;
using Recs.Domain.Wire;
using Recs.Ranker.Slates;

namespace Recs.Api.Endpoints;

/// <summary><c>POST /v1/rank</c>: a slate for a user.</summary>
internal sealed class RankEndpoint(LiveState live, ApiOptions options, RequestIds ids, TimeProvider clock)
{
    private static readonly ItemKind[] Both = [ItemKind.Content, ItemKind.Ad];

    public async Task<IResult> Answer(HttpContext http, CancellationToken cancel)
    {
        var body = await JsonBody.Read(http, ApiJson.Default.RankBody, options.BodyBytes);
        if (body.Time is not null)
            throw new RefusedRequest(StatusCodes.Status403Forbidden, "forbidden", "time needs an admin key, and this server has none; leave it out or null");
        var id = ids.Next();
        var request = new RankRequest(new(Name(body.User, "user")), Name(body.Surface ?? "home", "surface"), Places(body.N), Kinds(body.Kinds),
            Candidates(body.Candidates), body.Explain ?? false, Timestamp.Now(clock)) { Draw = RequestIds.Draw(id) };
        return Results.Json(Answer(id, request, live.Rank(request)), ApiJson.Default.RankAnswer);
    }

    private RankAnswer Answer(string id, RankRequest request, Slate slate) => new("r" + id, "d" + id, [.. slate.Entries.Select(Entry)],
        live.EmbeddingVersion == "none" ? "no embeddings" : "none", new(live.Model.Version, live.EmbeddingVersion, live.Policy.Version),
        request.Explain ? new(slate.Candidates, [.. slate.Removed.Select(removal => new RemovedCandidate(removal.Item.Value, Snake(removal.Reason.ToString()), removal.Detail))],
            [.. slate.Displaced.Select(displaced => new DisplacedContent(displaced.Position, displaced.Ad.Value, displaced.Content.Value, displaced.AdWorth, displaced.ContentValue, displaced.Reason))], slate.SkippedSources) : null);

    private static RankedEntry Entry(SlateEntry entry) => new(entry.Position, entry.Item.Value, Snake(entry.Kind.ToString()), entry.Score,
        entry.Heads.ToDictionary(head => ActionNames.Of(head.Action), head => (double)head.Probability),
        entry.Propensity < 1 ? entry.Propensity : null, entry.Ad is { } ad ? new(ad.Advertiser.Value, ad.EcpmMicros, ad.PriceMicros) : null);

    private static string Name(string? value, string field) => value switch
    {
        null or "" => throw RefusedRequest.Invalid($"{field} is missing or empty"),
        { Length: > EventLimits.NameLength } => throw RefusedRequest.Invalid($"{field} has {value.Length} characters, limit {EventLimits.NameLength}"),
        _ => value,
    };

    private int Places(int? n) => n is < 1 || n > options.Places ? throw RefusedRequest.Invalid($"n is {n}, range 1 to {options.Places}") : n ?? Math.Min(20, options.Places);

    private static ItemKind[] Kinds(IReadOnlyList<string?>? kinds) => kinds switch
    {
        null => Both,
        { Count: 0 } => throw RefusedRequest.Invalid("kinds is empty; name content, ad or both, or leave it out"),
        _ => [.. kinds.Select(kind => kind switch
        {
            "content" => ItemKind.Content,
            "ad" => ItemKind.Ad,
            _ => throw RefusedRequest.Invalid($"kinds has '{kind?[..Math.Min(kind.Length, 60)]}', expected content or ad"),
        }).Distinct()],
    };

    private IReadOnlyList<ItemId>? Candidates(JsonElement? candidates)
    {
        if (candidates is not { ValueKind: not JsonValueKind.Null } element || element.ValueKind == JsonValueKind.String && element.ValueEquals("auto")) return null;
        if (element.ValueKind != JsonValueKind.Array) throw RefusedRequest.Invalid("candidates is neither \"auto\" nor a list of item ids");
        if (element.GetArrayLength() > options.Candidates)
            throw RefusedRequest.Invalid($"candidates has {element.GetArrayLength()} entries, limit {options.Candidates}; send several requests");
        return [.. element.EnumerateArray().Select((entry, at) => new ItemId(entry.ValueKind == JsonValueKind.String
            ? Name(Text(entry), $"candidates[{at}]")
            : throw RefusedRequest.Invalid($"candidates[{at}] is not a text")))];
    }

    // A lone surrogate written as an escape is JSON, but no text.
    private static string? Text(JsonElement entry)
    {
        try
        {
            return entry.GetString();
        }
        catch (InvalidOperationException)
        {
            throw RefusedRequest.Invalid("candidates has a text that is not valid Unicode");
        }
    }

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
