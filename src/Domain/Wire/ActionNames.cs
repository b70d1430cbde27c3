using Recs.Domain.Events;

namespace Recs.Domain.Wire;

/// <summary>The names of <see cref="InteractionType"/> on the wire, in configuration and in reports.</summary>
public static class ActionNames
{
    /// <summary>All names, for messages.</summary>
    public const string All = "click, dwell, like, share, comment, hide, report, conversion";

    /// <summary>The type named <paramref name="name"/>, or null.</summary>
    public static InteractionType? Parse(string? name) => name switch
    {
        "click" => InteractionType.Click,
        "dwell" => InteractionType.Dwell,
        "like" => InteractionType.Like,
        "share" => InteractionType.Share,
        "comment" => InteractionType.Comment,
        "hide" => InteractionType.Hide,
        "report" => InteractionType.Report,
        "conversion" => InteractionType.Conversion,
        _ => null,
    };

    /// <summary>The name of <paramref name="type"/>.</summary>
    public static string Of(InteractionType type) => type switch
    {
        InteractionType.Click => "click",
        InteractionType.Dwell => "dwell",
        InteractionType.Like => "like",
        InteractionType.Share => "share",
        InteractionType.Comment => "comment",
        InteractionType.Hide => "hide",
        InteractionType.Report => "report",
        InteractionType.Conversion => "conversion",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an interaction type"),
    };
}
