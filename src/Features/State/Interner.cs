namespace Recs.Features.State;

/// <summary>
/// Ids to small numbers, in order of arrival. The numbers are for this process only: nothing that leaves it, and no
/// feature, may depend on them.
/// </summary>
internal sealed class Interner
{
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly List<string> _ids = [];

    public int Count => _ids.Count;

    public string this[int index] => _ids[index];

    public int? Find(string id) => _indexes.TryGetValue(id, out var index) ? index : null;

    public int Intern(string id)
    {
        if (_indexes.TryGetValue(id, out var index)) return index;
        _indexes.Add(id, _ids.Count);
        _ids.Add(id);
        return _ids.Count - 1;
    }
}
