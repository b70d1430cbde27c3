using System.ComponentModel;
using System.Text.Json;

namespace Recs.Api.Contracts;

/// <summary>What <c>POST /v1/rank</c> takes.</summary>
internal sealed record RankBody
{
    [Description("For whom; 1 to 256 characters. An unknown user is ranked for as a new one.")]
    public string? User { get; init; }

    [Description("Where the slate will be shown; 1 to 256 characters. Default: home.")]
    public string? Surface { get; init; }

    [Description("Places to fill, 1 to 200. Default: 20.")]
    public int? N { get; init; }

    [Description("What may stand in the slate: content, ad or both. Default: both.")]
    public IReadOnlyList<string?>? Kinds { get; init; }

    [Description("\"auto\" (the default), or a list of at most 10,000 different item ids to choose from.")]
    public JsonElement? Candidates { get; init; }

    [Description("Also say which candidates were removed, and why. Default: false.")]
    public bool? Explain { get; init; }

    [Description("Rank as of another moment, such as 2011-11-05T10:00:00Z; needs an admin key. The state stays that of now.")]
    public string? Time { get; init; }

    [Description("What the client can wait, in milliseconds, 1 to 60,000: less than the server's own budget leaves more out. Counts once the body is read.")]
    public int? DeadlineMs { get; init; }
}
