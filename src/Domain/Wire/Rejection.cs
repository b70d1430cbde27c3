namespace Recs.Domain.Wire;

/// <summary>Why a message is not an event. The numbers reach the disk: they never change.</summary>
public enum RejectionReason
{
    /// <summary>Longer than a message may be.</summary>
    TooLarge = 1,
    /// <summary>Not one JSON object of the expected field types.</summary>
    NotJson = 2,
    /// <summary>The <c>type</c> is none that the topic holds: item, user, impression, interaction; embedding.</summary>
    UnknownType = 3,
    /// <summary>The <c>schema</c> version is not one this build reads.</summary>
    UnknownSchema = 4,
    /// <summary>A field that this type needs is not there.</summary>
    MissingField = 5,
    /// <summary>A field has a value outside its range.</summary>
    InvalidValue = 6,
    /// <summary>The event time lies further ahead than clocks may differ.</summary>
    FutureTime = 7,
}

/// <summary>A refused message: bad input is data, kept with its reason.</summary>
/// <param name="Reason">The kind of fault.</param>
/// <param name="Detail">The field, its value and its limit, for a person.</param>
public sealed record Rejection(RejectionReason Reason, string Detail);
