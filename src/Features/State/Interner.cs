namespace Recs.Features.State;

/// <summary>
/// Ids to small numbers, in order of arrival. The numbers are for this process only: nothing that leaves it, and no
/// feature, may depend on them.
/// </summary>
internal sealed class Interner
{
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly List<string> _ids = [];

    // An event's ids are interned by several features one after the other.
    private (string? Id, int Index) _last;

    public int Count => _ids.Count;

    public string this[int index] => _ids[index];

    public int? Find(string id) => _indexes.TryGetValue(id, out var index) ? index : null;

    /// <summary>Ids that were interned and not removed.</summary>
    public int Known => _indexes.Count;

    /// <summary>Every id in use with its number.</summary>
    public IReadOnlyDictionary<string, int> Indexes => _indexes;

    /// <summary>Forgets an id. Its number is not given to another: what was kept under it must be gone.</summary>
    public void Remove(string id)
    {
        if (_indexes.Remove(id, out var index)) _ids[index] = "";
        _last = default;
    }

    public int Intern(string id)
    {
        if (ReferenceEquals(id, _last.Id)) return _last.Index;
        if (!_indexes.TryGetValue(id, out var index))
        {
            index = _ids.Count;
            _indexes.Add(id, index);
            _ids.Add(id);
        }
        _last = (id, index);
        return index;
    }
}
