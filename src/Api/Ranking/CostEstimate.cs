namespace Recs.Api.Ranking;

/// <summary>
/// What something costs by its size, from what it cost lately: a straight line through exponentially weighted moments, and the mean distance from it.
/// Its owner locks.
/// </summary>
internal sealed class CostEstimate
{
    /// <summary>The weight of the newest measurement once there are many: the last fifty or so count.</summary>
    private const double Newest = 0.04;

    /// <summary>The first measurements are passed over: code that runs for the first time is compiled then.</summary>
    private const int Cold = 4;

    private double _x, _y, _xx, _xy, _distance;
    private long _count = -Cold;

    /// <summary>Whether anything was measured.</summary>
    public bool IsKnown => _count > 0;

    /// <summary>Takes in one measurement.</summary>
    /// <param name="size">At least 0.</param>
    /// <param name="cost">At least 0, in any unit.</param>
    public void Add(double size, double cost)
    {
        if (_count < 0)
        {
            _count++;
            return;
        }
        var weight = Math.Max(Newest, 1.0 / (_count + 1));
        if (IsKnown) _distance += weight * (Math.Abs(cost - At(size)) - _distance);
        _x += weight * (size - _x);
        _y += weight * (cost - _y);
        _xx += weight * (size * size - _xx);
        _xy += weight * (size * cost - _xy);
        _count++;
    }

    /// <summary>The line at a size; 0 while nothing was measured. Neither its slope nor its beginning is negative.</summary>
    public double At(double size)
    {
        var variance = _xx - _x * _x;
        // Sizes that are all alike say nothing of the slope: the cost is then in proportion.
        if (variance <= 1e-6 * _xx) return _x > 0 ? _y * Math.Max(size / _x, 0) : _y;
        var slope = Math.Max(0, (_xy - _x * _y) / variance);
        var start = Math.Max(0, _y - slope * _x);
        return start > 0 || _x <= 0 ? start + slope * size : _y / _x * size;
    }

    /// <summary>What it will hardly be above: the line and twice the mean distance from it.</summary>
    public double Cautious(double size) => At(size) + 2 * _distance;
}
