package main

import (
	"context"
	"strconv"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

type byText[T any] func(context.Context, string) (T, *hcloud.Response, error)

// collection is what every client of the library offers for reading.
type collection[T, O any] struct {
	byID        func(context.Context, int64) (T, *hcloud.Response, error)
	byName      byText[T]
	get         byText[T]
	list        func(context.Context, O) ([]T, *hcloud.Response, error)
	all         func(context.Context) ([]T, error)
	allWithOpts func(context.Context, O) ([]T, error)
}

// reads finds one thing in every way that there is. The identity of things is told by id.
func reads[T comparable, O any](kind string, id func(T) int64, one T, name string, c collection[T, O]) {
	var none T
	var options O
	same := func(found T, err error) error {
		if err != nil {
			return err
		}
		return expect(found != none && id(found) == id(one), "another one was found")
	}
	check(kind+": GetByID", func() error {
		found, _, err := c.byID(ctx, id(one))
		return same(found, err)
	})
	check(kind+": one that is not there is nil", func() error {
		found, _, err := c.byID(ctx, 1<<40)
		if err != nil {
			return err
		}
		return expect(found == none, "something was found")
	})
	check(kind+": GetByName", func() error {
		found, _, err := c.byName(ctx, name)
		return same(found, err)
	})
	check(kind+": Get by id", func() error {
		found, _, err := c.get(ctx, strconv.FormatInt(id(one), 10))
		return same(found, err)
	})
	check(kind+": Get by name", func() error {
		found, _, err := c.get(ctx, name)
		return same(found, err)
	})
	check(kind+": List", func() error {
		found, response, err := c.list(ctx, options)
		if err != nil {
			return err
		}
		return expect(len(found) > 0 && response.Meta.Pagination != nil, "nothing, or no pagination")
	})
	check(kind+": All", func() error {
		found, err := c.all(ctx)
		if err != nil {
			return err
		}
		return expect(len(found) > 0, "nothing")
	})
	check(kind+": AllWithOpts", func() error {
		found, err := c.allWithOpts(ctx, options)
		if err != nil {
			return err
		}
		return expect(len(found) > 0, "nothing")
	})
}

// actionsOf reads the actions of one thing and of all of its kind.
func actionsOf[R any](kind string, one R, c interface {
	GetByID(context.Context, int64) (*hcloud.Action, *hcloud.Response, error)
	List(context.Context, hcloud.ActionListOpts) ([]*hcloud.Action, *hcloud.Response, error)
	All(context.Context, hcloud.ActionListOpts) ([]*hcloud.Action, error)
}, listFor func(context.Context, R, hcloud.ActionListOpts) ([]*hcloud.Action, *hcloud.Response, error), allFor func(context.Context, R, hcloud.ActionListOpts) ([]*hcloud.Action, error)) {
	check(kind+": actions", func() error {
		if _, _, err := c.List(ctx, hcloud.ActionListOpts{Sort: []string{"id:desc"}}); err != nil {
			return err
		}
		if _, err := c.All(ctx, hcloud.ActionListOpts{}); err != nil {
			return err
		}
		if _, _, err := listFor(ctx, one, hcloud.ActionListOpts{}); err != nil {
			return err
		}
		own, err := allFor(ctx, one, hcloud.ActionListOpts{})
		if err != nil {
			return err
		}
		for _, action := range own {
			if found, _, err := c.GetByID(ctx, action.ID); err != nil || found == nil {
				return expect(false, "action %d: %v", action.ID, err)
			}
		}
		return nil
	})
}

func catalogue() {
	location := must(client.Location.All(ctx))[0]
	reads("Location", func(o *hcloud.Location) int64 { return o.ID }, location, location.Name, collection[*hcloud.Location, hcloud.LocationListOpts]{
		client.Location.GetByID, client.Location.GetByName, client.Location.Get,
		client.Location.List, client.Location.All, client.Location.AllWithOpts,
	})
	serverType := must(client.ServerType.All(ctx))[0]
	reads("ServerType", func(o *hcloud.ServerType) int64 { return o.ID }, serverType, serverType.Name, collection[*hcloud.ServerType, hcloud.ServerTypeListOpts]{
		client.ServerType.GetByID, client.ServerType.GetByName, client.ServerType.Get,
		client.ServerType.List, client.ServerType.All, client.ServerType.AllWithOpts,
	})
	balancerType := must(client.LoadBalancerType.All(ctx))[0]
	reads("LoadBalancerType", func(o *hcloud.LoadBalancerType) int64 { return o.ID }, balancerType, balancerType.Name, collection[*hcloud.LoadBalancerType, hcloud.LoadBalancerTypeListOpts]{
		client.LoadBalancerType.GetByID, client.LoadBalancerType.GetByName, client.LoadBalancerType.Get,
		client.LoadBalancerType.List, client.LoadBalancerType.All, client.LoadBalancerType.AllWithOpts,
	})
	iso := must(client.ISO.All(ctx))[0]
	reads("ISO", func(o *hcloud.ISO) int64 { return o.ID }, iso, iso.Name, collection[*hcloud.ISO, hcloud.ISOListOpts]{
		client.ISO.GetByID, client.ISO.GetByName, client.ISO.Get, client.ISO.List, client.ISO.All, client.ISO.AllWithOpts,
	})
	image, _, err := client.Image.GetByNameAndArchitecture(ctx, "debian-12", hcloud.ArchitectureX86)
	image = must(image, err)
	reads("Image", func(o *hcloud.Image) int64 { return o.ID }, image, image.Name, collection[*hcloud.Image, hcloud.ImageListOpts]{
		client.Image.GetByID, client.Image.GetByName, client.Image.Get,
		client.Image.List, client.Image.All, client.Image.AllWithOpts,
	})
	check("Image: GetForArchitecture", func() error {
		found, _, err := client.Image.GetForArchitecture(ctx, "debian-12", hcloud.ArchitectureX86)
		if err != nil {
			return err
		}
		return expect(found != nil && found.ID == image.ID, "another one was found")
	})
	check("Pricing: Get", func() error {
		pricing, _, err := client.Pricing.Get(ctx)
		if err != nil {
			return err
		}
		return expect(len(pricing.ServerTypes) > 0 && len(pricing.LoadBalancerTypes) > 0 && len(pricing.PrimaryIPs) == 2 && pricing.Volume.PerGBMonthly.Net != "", "prices are missing")
	})
}
