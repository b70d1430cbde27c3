using System.Globalization;

namespace Recs.Domain.Wire;

/// <summary>A field was missing or out of range; never leaves <see cref="EventCodec"/>.</summary>
internal sealed class InvalidFieldException(Rejection rejection) : Exception(rejection.Detail)
{
    public Rejection Rejection { get; } = rejection;
}

/// <summary>Checks of single fields: each returns the value or says which field, which value and which limit.</summary>
internal static class FieldReader
{
    public static string Name(string? value, string field) =>
        string.IsNullOrEmpty(value) ? throw Missing(field) : Checked(value, field, EventLimits.NameLength);

    public static string NameOrEmpty(string? value, string field) => Checked(value ?? "", field, EventLimits.NameLength);

    public static string TextOrEmpty(string? value, string field) => Checked(value ?? "", field, EventLimits.TextLength);

    public static List<T> List<T>(List<T>? values, string field)
    {
        if (values is null) return [];
        return values.Count <= EventLimits.ListLength ? values : throw Invalid(field, $"has {values.Count} entries, limit {EventLimits.ListLength}");
    }

    public static long Micros(long? value, string field)
    {
        var micros = value ?? 0;
        return micros is >= 0 and <= EventLimits.Micros ? micros : throw Invalid(field, $"is {micros}, range 0 to {EventLimits.Micros}");
    }

    public static Timestamp Time(string? value, string field, Timestamp latest)
    {
        if (string.IsNullOrEmpty(value)) throw Missing(field);
        // The parser takes far more than ISO 8601, and gives a text without a date the date of today: the shape is asked for first.
        if (value is not { Length: >= 16 and <= 40 } || value[4] != '-' || value[7] != '-' || value[10] != 'T'
            || !DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            || time < DateTimeOffset.UnixEpoch)
            throw Invalid(field, $"is '{Shortened(value)}', expected ISO 8601 from 1970 on, such as 2011-11-05T10:00:00Z");
        var timestamp = Timestamp.From(time);
        return timestamp <= latest
            ? timestamp
            : throw new InvalidFieldException(new(RejectionReason.FutureTime, $"{field} is {timestamp}, the latest accepted is {latest}"));
    }

    public static InvalidFieldException Missing(string field) => new(new(RejectionReason.MissingField, $"{field} is missing or empty"));

    public static InvalidFieldException Invalid(string field, string what) => new(new(RejectionReason.InvalidValue, $"{field} {what}"));

    public static string Shortened(string value) => value.Length <= 60 ? value : value[..60] + "…";

    private static string Checked(string value, string field, int limit)
    {
        if (value.Length > limit) throw Invalid(field, $"has {value.Length} characters, limit {limit}");
        // PostgreSQL text cannot hold U+0000: refusing it everywhere keeps the stores equal.
        return value.Contains('\0', StringComparison.Ordinal) ? throw Invalid(field, "contains U+0000") : value;
    }
}
