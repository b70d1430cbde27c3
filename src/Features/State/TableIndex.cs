namespace Recs.Features.State;

/// <summary>Remembers which row of a table (vectors, affinity) belongs to which interned item: a table has an order of its own.</summary>
internal sealed class TableIndex
{
    private const int Unknown = int.MinValue;
    private object? _table;
    private int[] _rows = [];

    /// <summary>The row of an interned item in <paramref name="table"/>, or −1.</summary>
    public int Row(object table, Func<string, int> find, Interner items, int item)
    {
        if (item < 0) return -1;
        if (!ReferenceEquals(table, _table))
        {
            _table = table;
            _rows = [];
        }
        if (item >= _rows.Length)
        {
            var known = _rows.Length;
            Array.Resize(ref _rows, Math.Max(item + 1, items.Count));
            _rows.AsSpan(known).Fill(Unknown);
        }
        ref var row = ref _rows[item];
        if (row == Unknown) row = find(items[item]);
        return row;
    }
}
