namespace Recs.Domain.Items;

/// <summary>Something that can be shown: content, or an ad when <see cref="Ad"/> is there.</summary>
public sealed record Item
{
    /// <summary>The item's id.</summary>
    public required ItemId Id { get; init; }

    /// <summary>What a person reads first.</summary>
    public required string Title { get; init; }

    /// <summary>The text below the title, or empty.</summary>
    public string Body { get; init; } = "";

    /// <summary>One category, or empty.</summary>
    public string Category { get; init; } = "";

    /// <summary>Who made the content, or empty.</summary>
    public string Author { get; init; } = "";

    /// <summary>Labels, in the order given.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Further facts by name, such as <c>price_gbp</c>.</summary>
    public AttributeSet Attributes { get; init; } = AttributeSet.Empty;

    /// <summary>May it be shown?</summary>
    public ItemStatus Status { get; init; } = ItemStatus.Active;

    /// <summary>When it came into being, where the producer says so; otherwise the time of its first event stands in.</summary>
    public Timestamp? Created { get; init; }

    /// <summary>The offer behind an ad; null for content.</summary>
    public Ad? Ad { get; init; }

    /// <summary>Content or ad.</summary>
    public ItemKind Kind => Ad is null ? ItemKind.Content : ItemKind.Ad;
}

/// <summary>The two kinds of item. The numbers reach the disk: they never change.</summary>
public enum ItemKind
{
    /// <summary>Shown for the user's sake.</summary>
    Content = 1,
    /// <summary>Shown because someone pays.</summary>
    Ad = 2,
}

/// <summary>Whether an item may be shown. The numbers reach the disk: they never change.</summary>
public enum ItemStatus
{
    /// <summary>May be shown.</summary>
    Active = 1,
    /// <summary>Not now.</summary>
    Paused = 2,
    /// <summary>Never again; its history stays.</summary>
    Deleted = 3,
}
