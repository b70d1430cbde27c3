using System.Text.Json;
using Recs.Api.Contracts;
using Recs.Api.Keys;
using Recs.Api.Serving;
using Recs.Domain;
using Recs.Domain.Items;
using Recs.Domain.Wire;
using Recs.Ranker.Slates;

namespace Recs.Api.Endpoints;

/// <summary>Checks what is asked of <c>rank</c>, by whatever protocol, and makes a request of it.</summary>
internal sealed class RankQuestion(ApiOptions options, TimeProvider clock)
{
    private static readonly ItemKind[] Both = [ItemKind.Content, ItemKind.Ad];

    /// <summary>The request.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="id">Of the answer: its randomness.</param>
    /// <param name="caller">Who asks.</param>
    /// <exception cref="RefusedRequest">A value is missing or out of its range.</exception>
    public RankRequest Request(RankBody body, string id, Caller caller) => new(new(Name(body.User, "user")), Surface(body.Surface ?? "home"), Places(body.N), Kinds(body.Kinds),
        Candidates(body.Candidates), body.Explain ?? false, Time(body.Time, caller)) { Draw = RequestIds.Draw(id) };

    /// <summary>What the client can wait; null where it does not say.</summary>
    /// <exception cref="RefusedRequest">Out of range.</exception>
    public static TimeSpan? Budget(RankBody body) => body.DeadlineMs switch
    {
        null => null,
        < 1 or > 60_000 => throw RefusedRequest.Invalid($"deadline_ms is {body.DeadlineMs}, range 1 to 60000"),
        { } asked => TimeSpan.FromMilliseconds(asked),
    };

    private Timestamp Time(string? time, Caller caller)
    {
        if (time is null) return Timestamp.Now(clock);
        if (!caller.IsAdmin)
            throw new RefusedRequest(StatusCodes.Status403Forbidden, "forbidden", options.Keys is null ? "time needs an admin key, and this server has none; leave it out or null" : "time needs an admin key; leave it out or null");
        return Timestamp.Parse(time) ?? throw RefusedRequest.Invalid($"time is '{Short(time)}', expected a moment such as 2011-11-05T10:00:00Z");
    }

    private string Surface(string surface) => options.Surfaces.Count == 0 || options.Surfaces.Contains(surface, StringComparer.Ordinal) ? Name(surface, "surface")
        : throw RefusedRequest.Invalid($"surface is '{Short(surface)}', which is not known here; known are {NearestNames.Of(Short(surface), options.Surfaces)}");

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
        { Count: > 16 } => throw RefusedRequest.Invalid($"kinds has {kinds.Count} entries; name content, ad or both"),
        _ => [.. kinds.Select(kind => kind switch
        {
            "content" => ItemKind.Content,
            "ad" => ItemKind.Ad,
            _ => throw RefusedRequest.Invalid($"kinds has '{Short(kind)}', expected content or ad"),
        }).Distinct()],
    };

    private ItemId[]? Candidates(JsonElement? candidates)
    {
        if (candidates is not { ValueKind: not JsonValueKind.Null } element || element.ValueKind == JsonValueKind.String && element.ValueEquals("auto")) return null;
        if (element.ValueKind != JsonValueKind.Array) throw RefusedRequest.Invalid("candidates is neither \"auto\" nor a list of item ids");
        var ids = new ItemId[Few(element.GetArrayLength())];
        var at = 0;
        foreach (var entry in element.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.String) throw RefusedRequest.Invalid($"candidates[{at}] is not a text");
            ids[at] = new(Name(Text(entry), $"candidates[{at}]"));
            at++;
        }
        return Distinct(ids);
    }

    /// <summary>The same checks for ids that did not come as JSON.</summary>
    /// <exception cref="RefusedRequest">Too many, an empty or too long one, or one twice.</exception>
    public ItemId[] Candidates(IReadOnlyList<string> ids)
    {
        Few(ids.Count);
        return Distinct([.. ids.Select((id, at) => new ItemId(Name(id, $"candidates[{at}]")))]);
    }

    private int Few(int count) => count <= options.Candidates ? count : throw RefusedRequest.Invalid($"candidates has {count} entries, limit {options.Candidates}; send several requests");

    private static ItemId[] Distinct(ItemId[] ids)
    {
        var met = new HashSet<ItemId>(ids.Length);
        for (var at = 0; at < ids.Length; at++)
            if (!met.Add(ids[at])) throw RefusedRequest.Invalid($"candidates[{at}] is '{Short(ids[at].Value)}', which candidates[{Array.IndexOf(ids, ids[at])}] names already; name each once");
        return ids;
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

    private static string Short(string? text) => (text ?? "")[..Math.Min(text?.Length ?? 0, 60)];
}
