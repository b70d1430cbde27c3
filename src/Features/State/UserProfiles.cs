using Recs.Domain;

namespace Recs.Features.State;

/// <summary>
/// The profiles of all users: those changed lately as objects, all others packed (<see cref="ProfilePacking"/>), which takes a tenth of the memory and gives the
/// garbage collector one object a user to look at. A user's events come close together, so nearly every one finds its profile unpacked.
/// Many readers or one writer; reading changes nothing here.
/// </summary>
internal sealed class UserProfiles
{
    /// <summary>Profiles kept unpacked.</summary>
    private const int Unpacked = 1_024;

    private readonly ProfilePacking _packing = new();
    private readonly Dictionary<int, int> _places = new(Unpacked);
    private readonly Place[] _unpacked = new Place[Unpacked];
    private byte[]?[] _packed = [];

    // The next place to be given to another, the last one that was asked for.
    private int _hand, _last;

    /// <summary>A user's profile, to be read: the empty one for a user never seen, or −1. One that is packed is unpacked for this caller.</summary>
    public UserProfile Read(int user)
    {
        if ((uint)user >= (uint)_packed.Length) return UserProfile.Unknown;
        if (_packed[user] is { } packed) return ProfilePacking.Unpack(packed);
        return _places.TryGetValue(user, out var place) ? _unpacked[place].Profile! : UserProfile.Unknown;
    }

    /// <summary>A user's profile, to be changed until the next call; made where there was none.</summary>
    /// <param name="user">Interned, at least 0.</param>
    /// <param name="newest">The newest event time of the state: what it no longer keeps is left out when another profile is packed.</param>
    public UserProfile ForUpdate(int user, Timestamp newest)
    {
        if (_unpacked[_last] is { Profile: { } latest } && _unpacked[_last].User == user) return latest;
        if (!_places.TryGetValue(user, out _last))
        {
            MakeRoom(user);
            _last = Free(newest);
            _unpacked[_last] = new Place { User = user, Profile = _packed[user] is { } packed ? ProfilePacking.Unpack(packed) : new UserProfile() };
            _packed[user] = null;
            _places.Add(user, _last);
        }
        _unpacked[_last].Used = true;
        return _unpacked[_last].Profile!;
    }

    /// <summary>Puts back a profile that was written out.</summary>
    public void Restore(int user, UserProfile profile, Timestamp newest)
    {
        MakeRoom(user);
        _packed[user] = _packing.Pack(profile, newest);
    }

    /// <summary>Drops a profile.</summary>
    public void Remove(int user)
    {
        if (_places.Remove(user, out var place)) _unpacked[place] = default;
        if ((uint)user < (uint)_packed.Length) _packed[user] = null;
    }

    private void MakeRoom(int user)
    {
        if (user >= _packed.Length) Array.Resize(ref _packed, Math.Max(user + 1, _packed.Length * 2));
    }

    /// <summary>A place for another profile: the hand of a clock passes those used since it came by last (second chance, Corbató 1968).</summary>
    private int Free(Timestamp newest)
    {
        while (true)
        {
            var at = _hand;
            _hand = (_hand + 1) % Unpacked;
            ref var place = ref _unpacked[at];
            if (place.Profile is null) return at;
            if (place.Used)
            {
                place.Used = false;
                continue;
            }
            _packed[place.User] = _packing.Pack(place.Profile, newest);
            _places.Remove(place.User);
            return at;
        }
    }

    private struct Place
    {
        public int User;
        public UserProfile? Profile;
        public bool Used;
    }
}
