namespace Recs.Storage.Reports;

/// <summary>The answer to a query, whole.</summary>
/// <param name="Columns">Names, in order.</param>
/// <param name="Rows">
/// Values by column: <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, <see cref="DateOnly"/>,
/// <see cref="Recs.Domain.Timestamp"/> or null. The same on every engine; doubles may differ in the last digits.
/// </param>
public sealed record Table(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows);
