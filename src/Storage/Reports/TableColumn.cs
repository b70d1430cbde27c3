namespace Recs.Storage.Reports;

/// <summary>A column of an answer that is read row by row.</summary>
/// <param name="Name">As the query names it.</param>
/// <param name="Type">Of all its values.</param>
public readonly record struct TableColumn(string Name, TableType Type);

/// <summary>The types of a <see cref="Table"/>'s values.</summary>
public enum TableType
{
    /// <summary><see cref="string"/>.</summary>
    Text,
    /// <summary><see cref="long"/>.</summary>
    Whole,
    /// <summary><see cref="double"/>.</summary>
    Number,
    /// <summary><see cref="bool"/>.</summary>
    Truth,
    /// <summary><see cref="DateOnly"/>, UTC.</summary>
    Day,
    /// <summary><see cref="Recs.Domain.Timestamp"/>.</summary>
    Moment,
}
