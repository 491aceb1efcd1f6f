package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

// actions waits in every way that the library has.
func actions(server *hcloud.Server) {
	check("Action: GetByID, List, All, AllWithOpts", func() error {
		listed, response, err := client.Action.List(ctx, hcloud.ActionListOpts{ListOpts: hcloud.ListOpts{PerPage: 2}, ID: newest(server, 3)})
		if err != nil {
			return err
		}
		found, _, err := client.Action.GetByID(ctx, listed[0].ID)
		if err != nil {
			return err
		}
		some, err := client.Action.AllWithOpts(ctx, hcloud.ActionListOpts{ID: newest(server, 3)})
		if err != nil {
			return err
		}
		return expect(found.ID == listed[0].ID && len(listed) == 2 && len(some) == 3 && response.Meta.Pagination.TotalEntries == 3,
			"%d on a page, %d in all", len(listed), len(some))
	})
	refused("Action: All, without ids, is refused since 2023", hcloud.ErrorDeprecatedAPIEndpoint, func() error {
		_, err := client.Action.All(ctx)
		return err
	})
	check("Action: WaitForFunc", func() error {
		action, _, err := client.Server.Reboot(ctx, server)
		if err != nil {
			return err
		}
		var last *hcloud.Action
		if err := client.Action.WaitForFunc(ctx, func(update *hcloud.Action) error { last = update; return nil }, action); err != nil {
			return err
		}
		return expect(last != nil && last.Status == hcloud.ActionStatusSuccess && last.Progress == 100 && !last.Finished.IsZero(), "%+v", last)
	})
	check("Action: WatchProgress", func() error {
		action, _, err := client.Server.Reboot(ctx, server)
		if err != nil {
			return err
		}
		return last(client.Action.WatchProgress(ctx, action))
	})
	check("Action: WatchOverallProgress", func() error {
		action, _, err := client.Server.Reboot(ctx, server)
		if err != nil {
			return err
		}
		return last(client.Action.WatchOverallProgress(ctx, []*hcloud.Action{action}))
	})
}

func newest(server *hcloud.Server, count int) (ids []int64) {
	for _, action := range must(client.Server.Action.AllFor(ctx, server, hcloud.ActionListOpts{Sort: []string{"id:desc"}}))[:count] {
		ids = append(ids, action.ID)
	}
	return ids
}

func last(progress <-chan int, failed <-chan error) error {
	final := 0
	for value := range progress {
		final = value
	}
	if err := <-failed; err != nil {
		return err
	}
	return expect(final == 100, "ended at %d %%", final)
}

// arm makes the twin do something wrong, so that what the library does about it can be seen.
func arm(name, on string, times int) {
	control := strings.TrimSuffix(os.Getenv("HCLOUD_ENDPOINT"), "/v1") + "/twin/faults"
	body := must(json.Marshal(map[string]any{"name": name, "times": times, "on": on}))
	request := must(http.NewRequest(http.MethodPost, control, bytes.NewReader(body)))
	request.Header.Set("Authorization", "Bearer "+os.Getenv("HCLOUD_TOKEN"))
	request.Header.Set("Content-Type", "application/json")
	response := must(http.DefaultClient.Do(request))
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusCreated {
		must(0, fmt.Errorf("arming %s was answered with %s", name, response.Status))
	}
}

func wire() {
	retries()
	pages()
	check("wire: the rate limit is told with every answer", func() error {
		_, response, err := client.Location.List(ctx, hcloud.LocationListOpts{})
		if err != nil {
			return err
		}
		limit := response.Meta.Ratelimit
		return expect(limit.Limit == 3600 && limit.Remaining > 0 && limit.Remaining <= limit.Limit && !limit.Reset.IsZero(), "%+v", limit)
	})
	check("wire: an error names the correlation id of its answer", func() error {
		_, response, err := client.Server.Create(ctx, hcloud.ServerCreateOpts{Name: "no type", ServerType: &hcloud.ServerType{Name: "cx0"}, Image: debian})
		var refusal hcloud.Error
		if !errors.As(err, &refusal) {
			return fmt.Errorf("was not refused")
		}
		id := response.Header.Get("X-Correlation-ID")
		return expect(id != "" && strings.Contains(refusal.Error(), id), "%q, %s", id, refusal.Error())
	})
	check("wire: invalid input names its fields", func() error {
		_, _, err := client.Network.Create(ctx, hcloud.NetworkCreateOpts{Name: "-", IPRange: cidr("8.8.8.0/24")})
		var refusal hcloud.Error
		if !errors.As(err, &refusal) {
			return fmt.Errorf("was not refused")
		}
		details, has := refusal.Details.(hcloud.ErrorDetailsInvalidInput)
		return expect(has && len(details.Fields) > 0 && details.Fields[0].Name != "" && len(details.Fields[0].Messages) > 0, "%+v", refusal.Details)
	})
	stranger := hcloud.NewClient(hcloud.WithEndpoint(os.Getenv("HCLOUD_ENDPOINT")), hcloud.WithToken("wrong"))
	refused("wire: a wrong token", hcloud.ErrorCodeUnauthorized, func() error {
		_, err := stranger.Server.All(ctx)
		return err
	})
}

// retries arms what the library must get over by itself, and what it must hand to its caller.
func retries() {
	const lists, creations = "GET /locations", "POST /placement_groups"
	for _, name := range []string{"rate_limit_exceeded", "timeout"} {
		arm(name, lists, 2)
		check("wire: the library gets over "+name, func() error {
			_, err := client.Location.All(ctx)
			return err
		})
	}
	arm("conflict", creations, 2)
	check("wire: the library gets over conflict", func() error {
		made, _, err := client.PlacementGroup.Create(ctx, hcloud.PlacementGroupCreateOpts{Name: "retried", Type: hcloud.PlacementGroupTypeSpread})
		if err != nil {
			return err
		}
		_, err = client.PlacementGroup.Delete(ctx, made.PlacementGroup)
		return err
	})
	for name, code := range map[string]hcloud.ErrorCode{"server_error": hcloud.ErrorCodeServerError, "unavailable": "unavailable"} {
		arm(name, lists, 1)
		refused("wire: the library hands on "+name, code, func() error {
			_, err := client.Location.All(ctx)
			return err
		})
	}
	arm("rate_limit_exceeded", lists, 6)
	refused("wire: the library gives up after five retries", hcloud.ErrorCodeRateLimitExceeded, func() error {
		_, err := client.Location.All(ctx)
		return err
	})
	arm("action_fails", "change_ip_range", 1)
	check("wire: a failed action is an error of its own", func() error {
		network := must(one(client.Network.Create(ctx, hcloud.NetworkCreateOpts{Name: "failing", IPRange: cidr("10.64.0.0/16")})))
		defer func() { _, _ = client.Network.Delete(ctx, network) }()
		err := done(client.Network.ChangeIPRange(ctx, network, hcloud.NetworkChangeIPRangeOpts{IPRange: cidr("10.64.0.0/12")}))
		var failure hcloud.ActionError
		if !errors.As(err, &failure) {
			return fmt.Errorf("the action did not fail: %v", err)
		}
		return expect(failure.Code != "" && failure.Action() != nil, "%+v", failure)
	})
}

func one[T any](thing T, _ *hcloud.Response, err error) (T, error) { return thing, err }

func pages() {
	const count = 45
	for number := range count {
		opts := hcloud.PlacementGroupCreateOpts{
			Name: fmt.Sprintf("page-%02d", number), Type: hcloud.PlacementGroupTypeSpread,
			Labels: map[string]string{"number": fmt.Sprint(number % 3), "kind": "page"},
		}
		_, _, err := client.PlacementGroup.Create(ctx, opts)
		must(0, err)
	}
	paged := hcloud.ListOpts{LabelSelector: "kind=page", PerPage: 10}
	all := must(client.PlacementGroup.AllWithOpts(ctx, hcloud.PlacementGroupListOpts{ListOpts: paged}))
	check("wire: all pages are read, nothing twice", func() error {
		seen := map[int64]bool{}
		for _, group := range all {
			seen[group.ID] = true
		}
		return expect(len(all) == count && len(seen) == count, "%d, %d of them once", len(all), len(seen))
	})
	check("wire: a page knows where it is", func() error {
		paged.Page = 3
		listed, response, err := client.PlacementGroup.List(ctx, hcloud.PlacementGroupListOpts{ListOpts: paged})
		if err != nil {
			return err
		}
		at := response.Meta.Pagination
		return expect(len(listed) == 10 && at.Page == 3 && at.PreviousPage == 2 && at.NextPage == 4 && at.LastPage == 5 && at.TotalEntries == count, "%+v", at)
	})
	for selector, wanted := range map[string]int{
		"kind=page,number=1": 15, "kind==page,number!=1": 30, "kind,number in (0,2)": 30, "kind=page,number notin (0,2)": 15,
		"!number": 0, "kind=page,!missing": count,
	} {
		check("wire: label selector "+selector, func() error {
			found, err := client.PlacementGroup.AllWithOpts(ctx, hcloud.PlacementGroupListOpts{ListOpts: hcloud.ListOpts{LabelSelector: selector}})
			if err != nil {
				return err
			}
			return expect(len(found) == wanted, "%d", len(found))
		})
	}
	check("wire: sorted by name, backwards", func() error {
		found, err := client.PlacementGroup.AllWithOpts(ctx, hcloud.PlacementGroupListOpts{Sort: []string{"name:desc"}})
		if err != nil {
			return err
		}
		return expect(found[0].Name == "page-44" && found[count-1].Name == "page-00", "%s … %s", found[0].Name, found[count-1].Name)
	})
	for _, group := range all {
		_, err := client.PlacementGroup.Delete(ctx, group)
		must(0, err)
	}
}

// refusedAltogether is what the twin does not have, and says so.
func refusedAltogether() {
	refused("StorageBox: none here", hcloud.ErrorUnsupportedError, func() error {
		_, err := client.StorageBox.All(ctx)
		return err
	})
	check("Datacenter: gone, and told as gone", func() error {
		_, response, err := client.Datacenter.List(ctx, hcloud.DatacenterListOpts{})
		return expect(err != nil && response.StatusCode == http.StatusGone, "%v", err)
	})
	check("wire: the clock of the API is ours", func() error {
		_, response, err := client.Location.List(ctx, hcloud.LocationListOpts{})
		if err != nil {
			return err
		}
		said := must(http.ParseTime(response.Header.Get("Date")))
		return expect(time.Since(said).Abs() < time.Minute, "%s", said)
	})
}
