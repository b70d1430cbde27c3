namespace Recs.Domain;

/// <summary>A content item or an ad. Never empty.</summary>
public readonly record struct ItemId
{
    /// <param name="value">At least one character.</param>
    /// <exception cref="ArgumentException"><paramref name="value"/> is empty.</exception>
    public ItemId(string value) => Value = Identifier.Checked(value, nameof(ItemId));

    /// <summary>The id as its owner wrote it.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A person to whom items are shown. Never empty.</summary>
public readonly record struct UserId
{
    /// <param name="value">At least one character.</param>
    /// <exception cref="ArgumentException"><paramref name="value"/> is empty.</exception>
    public UserId(string value) => Value = Identifier.Checked(value, nameof(UserId));

    /// <summary>The id as its owner wrote it.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>One ranking request: the link between what was shown and what was done with it. Never empty.</summary>
public readonly record struct RequestId
{
    /// <param name="value">At least one character.</param>
    /// <exception cref="ArgumentException"><paramref name="value"/> is empty.</exception>
    public RequestId(string value) => Value = Identifier.Checked(value, nameof(RequestId));

    /// <summary>The id as its owner wrote it.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>One event; a resend carries the same id. Never empty.</summary>
public readonly record struct EventId
{
    /// <param name="value">At least one character.</param>
    /// <exception cref="ArgumentException"><paramref name="value"/> is empty.</exception>
    public EventId(string value) => Value = Identifier.Checked(value, nameof(EventId));

    /// <summary>The id as its producer wrote it.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Who pays for an ad. Never empty.</summary>
public readonly record struct AdvertiserId
{
    /// <param name="value">At least one character.</param>
    /// <exception cref="ArgumentException"><paramref name="value"/> is empty.</exception>
    public AdvertiserId(string value) => Value = Identifier.Checked(value, nameof(AdvertiserId));

    /// <summary>The id as its owner wrote it.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Value;
}

internal static class Identifier
{
    public static string Checked(string value, string kind) =>
        string.IsNullOrEmpty(value) ? throw new ArgumentException($"{kind} is empty; an id has at least one character", nameof(value)) : value;
}
