namespace Recs.Storage.DuckDb;

/// <summary>
/// A set of 128-bit keys that are hashes already: open addressing, 16 bytes a slot, at most three quarters full. Keys are never removed.
/// One thread at a time.
/// </summary>
internal sealed class KeySet
{
    private UInt128[] _slots = new UInt128[64];
    private bool _hasZero;
    private int _filled;

    public int Count => _filled + (_hasZero ? 1 : 0);

    public bool Contains(UInt128 key) => key == UInt128.Zero ? _hasZero : _slots[Find(_slots, key)] == key;

    /// <returns>False when the key was there.</returns>
    public bool Add(UInt128 key)
    {
        // Zero marks an empty slot, so the key zero has a place of its own.
        if (key == UInt128.Zero) return !_hasZero && (_hasZero = true);
        var slot = Find(_slots, key);
        if (_slots[slot] == key) return false;
        _slots[slot] = key;
        if (++_filled > _slots.Length / 4 * 3) Grow();
        return true;
    }

    private void Grow()
    {
        var slots = new UInt128[_slots.Length * 2];
        foreach (var key in _slots)
            if (key != UInt128.Zero) slots[Find(slots, key)] = key;
        _slots = slots;
    }

    /// <summary>The key's slot, or the empty one where it belongs.</summary>
    private static int Find(UInt128[] slots, UInt128 key)
    {
        var slot = (int)((ulong)key & (uint)(slots.Length - 1));
        while (slots[slot] != UInt128.Zero && slots[slot] != key) slot = (slot + 1) & (slots.Length - 1);
        return slot;
    }
}
